import type { components } from '@shared/api'

type Problem = components['schemas']['Problem']

/* A refused or failed call. `code` is what a person quotes; `fields` maps a field's name to its broken rule. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string | null
  readonly fields: Record<string, string>
  readonly retryAfter: number | null

  constructor(p: Partial<Problem> & { status: number; code: string }, retryAfter: number | null = null) {
    super(p.title ?? p.code)
    this.status = p.status
    this.code = p.code
    this.detail = p.detail ?? null
    this.fields = Object.fromEntries((p.errors ?? []).map((e) => [e.field, e.rule]))
    this.retryAfter = retryAfter
  }
}

const STATUS_CODES: Record<number, string> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'too_many_requests',
  502: 'busy',
  503: 'busy',
  504: 'timeout',
}

export function problemOf(status: number, body: unknown, retryAfter: string | null): ApiError {
  const p = body && typeof body === 'object' ? (body as Partial<Problem>) : {}
  const code = typeof p.code === 'string' ? p.code : (STATUS_CODES[status] ?? 'internal')
  const wait = retryAfter ? Number.parseInt(retryAfter, 10) : Number.NaN
  return new ApiError({ ...p, status, code }, Number.isNaN(wait) ? null : wait)
}

export function networkError(): ApiError {
  return new ApiError({ status: 0, code: 'network' })
}

/* An answer came, but not one that can be read. */
export function unreadable(): ApiError {
  return new ApiError({ status: 0, code: 'bad_reply' })
}

export function asApiError(e: unknown): ApiError {
  if (e instanceof ApiError) return e
  return new ApiError({ status: 0, code: 'page', title: e instanceof Error ? e.message : String(e) })
}
