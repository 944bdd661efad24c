import type { Ref } from 'vue'
import { createI18n } from 'vue-i18n'
import { int } from '@shared/format/number'
import { lang, type Lang } from './lang'

export { lang, type Lang }

interface Words {
  [key: string]: string | Words
}
interface Teller {
  locale: Ref<string>
  availableLocales: string[]
  t: (key: string, named: Named, plural?: number) => string
  te: (key: string, locale: string) => boolean
  setLocaleMessage: (locale: string, words: Words) => void
}
type Named = Record<string, unknown>

export const i18n = createI18n({
  legacy: false,
  locale: lang.value,
  fallbackLocale: false,
  messages: {},
  missingWarn: false,
  fallbackWarn: false,
})
// The library's own types are too deep for keys made at run time.
const teller = i18n.global as unknown as Teller

const loaders: Record<Lang, () => Promise<{ default: Words }>> = {
  zh: () => import('./locales/zh'),
  en: () => import('./locales/en'),
}

export async function useLang(next: Lang): Promise<void> {
  if (!teller.availableLocales.includes(next)) teller.setLocaleMessage(next, (await loaders[next]()).default)
  teller.locale.value = next
  lang.value = next
  if (typeof document === 'undefined') return
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem('qun.lang', next)
  } catch {
    /* private mode: the choice lives as long as the page */
  }
}

/* Numbers among the named values are written with separators; `n` also chooses the plural form. */
export function t(key: string, named: Named = {}, fallback?: string): string {
  if (fallback !== undefined && !teller.te(key, lang.value)) return fallback
  const shown = Object.fromEntries(Object.entries(named).map(([k, v]) => [k, typeof v === 'number' ? int(v) : v]))
  return typeof named.n === 'number' ? teller.t(key, shown, named.n) : teller.t(key, shown)
}
