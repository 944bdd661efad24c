import type { Finding, Report } from '@shared/api/types'
import { metricText, nameOf } from '@shared/format/metric'
import { int, pct } from '@shared/format/number'
import { dateText } from '@shared/format/time'
import { t } from '@shared/i18n'

// Basis points whose name does not say so.
const RATIOS = new Set(['share', 'coverage', 'ratio'])

export interface EvidenceRow {
  key: string
  name: string
  value: string
}

function shown(key: string, v: unknown, zone: string): string {
  if (v == null) return '—'
  if (typeof v === 'number') return key.endsWith('_bp') || RATIOS.has(key) ? pct(v) : int(v)
  if (typeof v === 'string') return /^\d{4}-\d\d-\d\dT/.test(v) ? dateText(v, zone) : v
  return JSON.stringify(v)
}

/* The numbers a finding rests on: its metric first, then the evidence as the server gave it. */
export function evidenceRows(f: Finding, r: Report, zone: string): EvidenceRow[] {
  const rows: EvidenceRow[] = []
  const m = f.metric ? r.metrics[f.metric] : undefined
  if (m) rows.push({ key: f.metric!, name: `${nameOf(m)} ${f.metric}`, value: metricText(m) })
  for (const [k, v] of Object.entries(f.evidence ?? {})) rows.push({ key: k, name: t(`evidence.${k}`, {}, k), value: shown(k, v, zone) })
  return rows
}
