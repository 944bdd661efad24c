/* The one place where a number becomes text. */
import { lang } from '@shared/i18n/lang'

const cache = new Map<string, Intl.NumberFormat>()

function nf(digits: number): Intl.NumberFormat {
  const key = `${lang.value}/${digits}`
  let f = cache.get(key)
  if (!f) {
    f = new Intl.NumberFormat(lang.value === 'zh' ? 'zh-CN' : 'en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    cache.set(key, f)
  }
  return f
}

export const DASH = '—'

export function int(n: number | null | undefined): string {
  return n == null ? DASH : nf(0).format(n)
}

export function dec(n: number | null | undefined, digits = 1): string {
  return n == null ? DASH : nf(digits).format(n)
}

/* Basis points as a percentage with one decimal, half up, in integers: 3855 → 38.6 %. */
export function pct(bp: number | null | undefined): string {
  if (bp == null) return DASH
  const tenths = Math.sign(bp) * Math.floor((Math.abs(bp) + 5) / 10)
  return `${nf(1).format(tenths / 10)}%`
}

/* A lower bound is cut, never rounded up: 3849 → 38.4 %. */
export function pctFloor(bp: number | null | undefined): string {
  return bp == null ? DASH : `${nf(1).format(Math.floor(bp / 10) / 10)}%`
}

export function signed(n: number): string {
  if (n === 0) return '0'
  return n > 0 ? `+${nf(0).format(n)}` : `−${nf(0).format(-n)}`
}

const UNITS = ['B', 'KB', 'MB', 'GB'] as const

export function bytes(n: number | null | undefined): string {
  if (n == null) return DASH
  let u = 0
  let v = n
  while (v >= 1024 && u < UNITS.length - 1) {
    v /= 1024
    u++
  }
  return `${nf(u === 0 ? 0 : 1).format(v)} ${UNITS[u]}`
}

export function ratio(part: number | null | undefined, whole: number | null | undefined): string {
  return part == null || whole == null ? '' : `${int(part)}/${int(whole)}`
}

export function share(part: number, whole: number): number | null {
  return whole > 0 ? Math.floor((part * 10000 * 2 + whole) / (2 * whole)) : null
}
