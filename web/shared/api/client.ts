import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from '@shared/api'
import { networkError, problemOf, unreadable } from './errors'

interface Hooks {
  csrf: () => string | null
  lang: () => string
  onSignedOut: () => void
  onMustChange: () => void
}

let hooks: Hooks = { csrf: () => null, lang: () => 'zh', onSignedOut: () => undefined, onMustChange: () => undefined }

export function setHooks(h: Hooks): void {
  hooks = h
}

export function callHeaders(method: string): Record<string, string> {
  const h: Record<string, string> = { 'Accept-Language': hooks.lang() }
  const token = hooks.csrf()
  if (method !== 'GET' && token) h['X-CSRF-Token'] = token
  return h
}

const edge: Middleware = {
  onRequest({ request }) {
    for (const [k, v] of Object.entries(callHeaders(request.method))) request.headers.set(k, v)
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', newKey())
    return request
  },
}

export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  return [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
}

const client = createClient<paths>({ baseUrl: '', credentials: 'same-origin' })
client.use(edge)
export const api = client

type Answer<T> = { data?: T; error?: unknown; response: Response }

/* Unwraps one call: the body, or an ApiError thrown. A dropped line is the code `network`. */
export async function call<T>(pending: Promise<Answer<T>>): Promise<T> {
  let a: Answer<T>
  try {
    a = await pending
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw e instanceof SyntaxError ? unreadable() : networkError()
  }
  if (a.response.ok) return a.data as T
  const problem = problemOf(a.response.status, a.error, a.response.headers.get('Retry-After'))
  noticeRefusal(problem.status, problem.code)
  throw problem
}

export function noticeRefusal(status: number, code: string): void {
  if (status === 401 && code !== 'bad_login') hooks.onSignedOut()
  if (code === 'must_change_password') hooks.onMustChange()
}

/* Reads every page of a bounded list (at most `max` rows). */
export async function readAll<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor?: string | null }>,
  max = 1000,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const p = await page(cursor)
    all.push(...p.items)
    cursor = p.next_cursor ?? undefined
  } while (cursor && all.length < max)
  return all
}
