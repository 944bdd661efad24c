import { beforeAll, describe, expect, it } from 'vitest'
import { metricText, naReason } from '@shared/format/metric'
import { bytes, dec, int, pct, ratio, share, signed } from '@shared/format/number'
import { addDays, agoText, dayOf, daysBetween, dayText, dayTick, exactText, spanText, startOfDay } from '@shared/format/time'
import { useLang } from '@shared/i18n'
import type { Metric } from '@shared/api/types'

beforeAll(() => useLang('zh'))

describe('numbers', () => {
  it.each([
    [3855, '38.6%'],
    [3845, '38.5%'],
    [3844, '38.4%'],
    [0, '0.0%'],
    [10000, '100.0%'],
    [5, '0.1%'],
    [4, '0.0%'],
    [-3855, '-38.6%'],
    [null, '—'],
  ])('pct(%s) is %s', (bp, want) => expect(pct(bp)).toBe(want))

  it('separates thousands and writes nothing known as a dash', () => {
    expect(int(1234567)).toBe('1,234,567')
    expect(int(null)).toBe('—')
    expect(dec(30.44)).toBe('30.4')
    expect(signed(3)).toBe('+3')
    expect(signed(-1)).toBe('−1')
    expect(signed(0)).toBe('0')
    expect(ratio(62, 98)).toBe('62/98')
    expect(bytes(1536)).toBe('1.5 KB')
  })

  it('shares round half up in integers; an empty whole has none', () => {
    expect(share(1, 3)).toBe(3333)
    expect(share(2, 3)).toBe(6667)
    expect(share(1, 8)).toBe(1250)
    expect(share(0, 0)).toBeNull()
  })
})

describe('metrics', () => {
  const m: Metric = {
    value: 3855,
    unit: 'bp',
    n: 1,
    of: 2,
    window: null,
    source: 'automatic',
    coverage_bp: null,
    na: null,
    na_en: null,
    name_zh: 'a',
    name_en: 'b',
  }
  it('wears its unit', () => {
    expect(metricText(m)).toBe('38.6%')
    expect(metricText({ value: 1461, unit: 'days' })).toBe('1,461 天')
    expect(metricText({ value: null, unit: 'bp' })).toBe('—')
    expect(metricText({ value: 7, unit: 'count' })).toBe('7')
  })
  it('says why there is none', async () => {
    expect(naReason({ ...m, value: null, na: '没有数据', na_en: 'no data' })).toBe('没有数据')
    await useLang('en')
    expect(naReason({ ...m, value: null, na: '没有数据', na_en: 'no data' })).toBe('no data')
    await useLang('zh')
  })
})

describe('times', () => {
  it('days follow the zone', () => {
    expect(dayOf('2009-06-30T16:30:00Z', 'Asia/Shanghai')).toBe('2009-07-01')
    expect(dayOf('2009-06-30T15:30:00Z', 'Asia/Shanghai')).toBe('2009-06-30')
  })
  it('a day begins at its zone’s midnight, also beside a clock change', () => {
    expect(startOfDay('2009-07-01', 'Asia/Shanghai')).toBe('2009-06-30T16:00:00Z')
    expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00Z')
    expect(startOfDay('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00Z')
    expect(startOfDay('2026-11-01', 'America/New_York')).toBe('2026-11-01T04:00:00Z')
    expect(startOfDay('2026-11-02', 'America/New_York')).toBe('2026-11-02T05:00:00Z')
  })
  it('counts days', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2)
  })
  it('is relative under a day and a date after', () => {
    const now = Date.parse('2026-04-16T04:46:00Z')
    expect(agoText('2026-04-16T04:45:30Z', 'Asia/Shanghai', now)).toBe('刚刚')
    expect(agoText('2026-04-16T04:16:00Z', 'Asia/Shanghai', now)).toBe('30 分钟前')
    expect(agoText('2026-04-16T01:46:00Z', 'Asia/Shanghai', now)).toBe('3 小时前')
    expect(agoText('2026-04-14T01:46:00Z', 'Asia/Shanghai', now)).toBe('2026年4月14日')
    expect(agoText(null, 'Asia/Shanghai', now)).toBe('—')
  })
  it('writes English plurals', async () => {
    await useLang('en')
    const now = Date.parse('2026-04-16T04:46:00Z')
    expect(agoText('2026-04-16T03:40:00Z', 'Asia/Shanghai', now)).toBe('1 hour ago')
    expect(agoText('2026-04-16T04:16:00Z', 'Asia/Shanghai', now)).toBe('30 minutes ago')
    expect(dayText('2009-06-30')).toBe('30 Jun 2009')
    await useLang('zh')
  })
  it('spans and ticks', () => {
    expect(spanText(42)).toBe('42 秒')
    expect(spanText(121)).toBe('3 分钟')
    expect(spanText(3700)).toBe('1 小时 1 分')
    expect(dayTick('2009-06-30')).toBe('6/30')
    expect(exactText('2026-04-16T04:46:00Z', 'Asia/Shanghai')).toContain('12:46:00 Asia/Shanghai')
  })
})
