/* The one place where a time becomes text. Instants are RFC 3339; days are YYYY-MM-DD. */
import { lang } from '@shared/i18n/lang'
import { t } from '@shared/i18n'

const DAY_MS = 86_400_000
const cache = new Map<string, Intl.DateTimeFormat>()

function df(zone: string, opts: Intl.DateTimeFormatOptions, id: string): Intl.DateTimeFormat {
  const key = `${lang.value}/${zone}/${id}`
  let f = cache.get(key)
  if (!f) {
    const locale = lang.value === 'zh' ? 'zh-CN' : 'en-GB'
    try {
      f = new Intl.DateTimeFormat(locale, { ...opts, timeZone: zone })
    } catch {
      f = new Intl.DateTimeFormat(locale, { ...opts, timeZone: 'UTC' })
    }
    cache.set(key, f)
  }
  return f
}

export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/* The calendar day an instant falls on in a zone. */
export function dayOf(iso: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return parts.format(new Date(iso))
}

function offsetMs(at: number, zone: string): number {
  const f = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const p = Object.fromEntries(f.formatToParts(new Date(at)).map((x) => [x.type, Number(x.value)]))
  return Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!) - Math.floor(at / 1000) * 1000
}

/* The instant a calendar day begins in a zone. */
export function startOfDay(day: string, zone: string): string {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const first = wall - offsetMs(wall, zone)
  return new Date(wall - offsetMs(first, zone)).toISOString().replace('.000Z', 'Z')
}

export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY_MS).toISOString().slice(0, 10)
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)
}

export function dayText(day: string, withYear = true): string {
  const opts: Intl.DateTimeFormatOptions = withYear
    ? { year: 'numeric', month: 'short', day: 'numeric' }
    : { month: 'short', day: 'numeric' }
  return df('UTC', opts, withYear ? 'ymd' : 'md').format(new Date(`${day}T00:00:00Z`))
}

export function monthText(month: string): string {
  return df('UTC', { year: 'numeric', month: 'short' }, 'ym').format(new Date(`${month.slice(0, 7)}-01T00:00:00Z`))
}

/* Short axis label: 6/30. */
export function dayTick(day: string): string {
  return `${Number(day.slice(5, 7))}/${Number(day.slice(8, 10))}`
}

export function dateText(iso: string | null | undefined, zone: string): string {
  return iso ? dayText(dayOf(iso, zone)) : '—'
}

export function timeText(iso: string | null | undefined, zone: string): string {
  if (!iso) return '—'
  const o: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }
  return df(zone, o, 'full').format(new Date(iso))
}

/* Absolute with seconds and the zone's name: what stands in a hover text. */
export function exactText(iso: string | null | undefined, zone: string): string {
  if (!iso) return ''
  const o: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }
  return `${df(zone, o, 'exact').format(new Date(iso))} ${zone}`
}

/* Relative under a day, a date after that. */
export function agoText(iso: string | null | undefined, zone: string, now = Date.now()): string {
  if (!iso) return '—'
  const s = Math.round((now - Date.parse(iso)) / 1000)
  if (s < 0 || s >= 86_400) return dateText(iso, zone)
  if (s < 60) return t('time.now')
  if (s < 3600) return t('time.minutes_ago', { n: Math.floor(s / 60) })
  return t('time.hours_ago', { n: Math.floor(s / 3600) })
}

export function spanText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return t('time.seconds', { n: s })
  if (s < 3600) return t('time.minutes', { n: Math.ceil(s / 60) })
  const h = Math.floor(s / 3600)
  return t('time.hours_minutes', { h, m: Math.floor((s % 3600) / 60) })
}
