import { onScopeDispose, shallowRef, watchEffect } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { me } from './session'

export interface Crumb {
  text: string
  to?: RouteLocationRaw
}

export const crumbs = shallowRef<Crumb[]>([])

/* The page names itself once: breadcrumbs and window title follow. */
export function useCrumbs(make: () => Crumb[]): void {
  const stop = watchEffect(() => {
    crumbs.value = make()
    const last = crumbs.value[crumbs.value.length - 1]
    document.title = [last?.text, me.value?.space.name, 'Qun'].filter(Boolean).join(' · ')
  })
  onScopeDispose(stop)
}
