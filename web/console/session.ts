import { computed, shallowRef } from 'vue'
import type { Level, Me } from '@shared/api/types'
import { api, call, setHooks } from '@shared/api/client'
import { ApiError, asApiError } from '@shared/api/errors'
import { lang, useLang, type Lang } from '@shared/i18n'

/* Who is signed in, in which space, with which grants. */
export const me = shallowRef<Me | null>(null)
export const zone = computed(() => me.value?.space.zone ?? 'UTC')

let leave: () => void = () => undefined
let mustChange: () => void = () => undefined

export function connectSession(onSignedOut: () => void, onMustChange: () => void): void {
  leave = onSignedOut
  mustChange = onMustChange
  setHooks({
    csrf: () => me.value?.csrf ?? null,
    lang: () => (lang.value === 'zh' ? 'zh-CN, zh;q=0.9' : 'en'),
    onSignedOut: () => {
      if (me.value) leave()
      me.value = null
    },
    onMustChange: () => mustChange(),
  })
}

const ORDER: Level[] = ['none', 'read', 'full']

export function can(resource: string, need: Level = 'read'): boolean {
  return ORDER.indexOf(me.value?.grants[resource] ?? 'none') >= ORDER.indexOf(need)
}

/* True when signed in; false when not; throws when the server cannot be reached. */
export async function resume(): Promise<boolean> {
  if (me.value) return true
  try {
    await take(await call(api.GET('/api/v1/me')))
    return true
  } catch (e) {
    const err = asApiError(e)
    if (err.status === 401) return false
    throw err
  }
}

export async function take(next: Me): Promise<void> {
  me.value = next
  if (next.staff.lang !== lang.value) await useLang(next.staff.lang)
}

export async function signIn(login: string, password: string): Promise<void> {
  const picked = lang.value
  const got = await call(api.POST('/api/v1/session', { body: { login, password } }))
  me.value = got
  // The language chosen on the sign-in page is the newer wish.
  if (got.staff.lang !== picked) await setLang(picked)
}

export async function signOut(everywhere: boolean): Promise<void> {
  try {
    await call(everywhere ? api.DELETE('/api/v1/sessions') : api.DELETE('/api/v1/session'))
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) throw e
  }
  me.value = null
  leave()
}

export async function setLang(next: Lang): Promise<void> {
  await useLang(next)
  if (me.value) me.value = await call(api.PATCH('/api/v1/me', { body: { lang: next } }))
}

export async function enterSpace(id: string): Promise<void> {
  await take(await call(api.POST('/api/v1/session/space', { body: { space_id: id } })))
}
