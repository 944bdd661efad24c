import type { Upload } from '@shared/api/types'

export interface ImportOptions {
  target: 'old' | 'new'
  group_id: string
  group_name: string
  community_id: string
  carrier: string
  format: string
  map: Record<string, string>
  zone: string
  date_order: string
  covers_to: string
  strict: boolean
  pseudonymise: boolean
}

const CARRIER_OF: Record<string, string> = { whatsapp: 'whatsapp', telegram: 'telegram', irc: 'irc' }

/* What the file says about itself, as the first proposal; the person decides. */
export function proposal(u: Upload, group: string, zone: string): ImportOptions {
  const map = Object.fromEntries(Object.entries(u.map?.columns ?? {}).filter((e): e is [string, string] => Boolean(e[1])))
  return {
    target: group ? 'old' : 'new',
    group_id: group,
    group_name: u.filename.replace(/\.[^.]+$/, ''),
    community_id: '',
    carrier: CARRIER_OF[u.format ?? ''] ?? 'wechat',
    format: u.format ?? '',
    map,
    zone,
    date_order: u.date_order ?? '',
    covers_to: '',
    strict: false,
    pseudonymise: false,
  }
}

export const needsMap = (format: string): boolean => format === 'csv' || format === 'jsonl'

/* The rules the server would refuse by, said before the call. */
export function checkOptions(o: ImportOptions, u: Upload): Record<string, string> {
  const rules: Record<string, string> = {}
  if (!o.format) rules.format = 'required'
  if (o.target === 'old' && !o.group_id) rules.group_id = 'required'
  if (o.target === 'new' && !o.group_name.trim()) rules.group_name = 'required'
  if (needsMap(o.format) && u.columns?.length) {
    if (!o.map.time) rules['map.time'] = 'required'
    if (!o.map.sender) rules['map.sender'] = 'required'
  }
  if (u.date_order === null && u.format && !o.date_order) rules.date_order = 'required'
  return rules
}
