import type { Metric, MetricDef } from '@shared/api/types'
import { lang } from '@shared/i18n/lang'
import { t } from '@shared/i18n'
import { DASH, int, pct, pctFloor } from './number'

/* A metric's value with its unit as a person reads it. Partial data make a bound, never a point. */
export function metricText(m: Pick<Metric, 'value' | 'unit'>, bound = false): string {
  if (m.value == null) return DASH
  switch (m.unit) {
    case 'bp':
      return bound ? pctFloor(m.value) : pct(m.value)
    case 'days':
      return t('unit.days', { n: int(m.value) })
    case 'state':
      return t(m.value === 0 ? 'value.alive' : 'value.dead')
    case 'flag':
      return t(m.value === 0 ? 'value.no' : 'value.yes')
    case 'points':
      return t('unit.points', { n: int(m.value) })
    default:
      return int(m.value)
  }
}

export function unitText(unit: string): string {
  return t(`units.${unit}`, {}, unit)
}

export function nameOf(x: { name_zh: string; name_en: string }): string {
  return lang.value === 'zh' ? x.name_zh : x.name_en
}

export function naReason(m: Metric): string {
  return (lang.value === 'zh' ? m.na : (m.na_en ?? m.na)) ?? t('number.na_unknown')
}

export function formulaOf(d: MetricDef): string {
  return lang.value === 'zh' ? d.formula_zh : d.formula_en
}

/* Text in the reader's language out of a pair of fields, such as title_zh and title_en. */
export function pick(zh: string | null | undefined, en: string | null | undefined): string {
  return (lang.value === 'zh' ? (zh ?? en) : (en ?? zh)) ?? ''
}
