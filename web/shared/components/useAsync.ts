import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { asApiError, type ApiError } from '@shared/api/errors'

export interface Async<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<ApiError | null>
  loading: ShallowRef<boolean>
  reload: () => Promise<void>
}

/* One answer from the server with its three other states. A newer call wins over a slower older one. */
export function useAsync<T>(load: () => Promise<T>, now = true): Async<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = shallowRef(now)
  let turn = 0

  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = data.value === null
    try {
      const d = await load()
      if (mine !== turn) return
      data.value = d
      error.value = null
    } catch (e) {
      if (mine === turn) error.value = asApiError(e)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  onScopeDispose(() => turn++)
  if (now) void reload()
  return { data, error, loading, reload }
}

export interface Keyset<T> {
  items: ShallowRef<T[]>
  error: ShallowRef<ApiError | null>
  loading: ShallowRef<boolean>
  more: ShallowRef<boolean>
  next: () => Promise<void>
  reload: () => Promise<void>
}

type Page<T> = { items: T[]; next_cursor?: string | null }

/* A keyset-paged list that grows at its end. */
export function useKeyset<T>(page: (cursor: string | undefined) => Promise<Page<T>>, now = true): Keyset<T> {
  const items = shallowRef<T[]>([])
  const error = shallowRef<ApiError | null>(null)
  const loading = shallowRef(now)
  const more = shallowRef(false)
  let cursor: string | undefined
  let turn = 0

  async function step(fresh: boolean): Promise<void> {
    const mine = ++turn
    if (fresh) cursor = undefined
    loading.value = true
    try {
      const p = await page(cursor)
      if (mine !== turn) return
      items.value = fresh ? p.items : [...items.value, ...p.items]
      cursor = p.next_cursor ?? undefined
      more.value = cursor !== undefined
      error.value = null
    } catch (e) {
      if (mine === turn) error.value = asApiError(e)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  onScopeDispose(() => turn++)
  if (now) void step(true)
  return {
    items,
    error,
    loading,
    more,
    next: () => (more.value && !loading.value ? step(false) : Promise.resolve()),
    reload: () => step(true),
  }
}
