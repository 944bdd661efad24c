import type { Group } from '@shared/api/types'
import type { IconName } from '@shared/components/icons'

export type Bucket = 'needs' | 'no_data' | 'normal' | 'closed'

/* No data, silent and normal are different verdicts: a group nobody imported is never called dead. */
export function bucketOf(g: Group): Bucket {
  if (g.state === 'closed') return 'closed'
  if (g.life.state === 'no_data') return 'no_data'
  return g.needs_me > 0 || g.life.state === 'dead' ? 'needs' : 'normal'
}

export interface Verdict {
  tone: '' | 'good' | 'watch' | 'bad'
  icon: IconName
  key: string
}

export function verdictOf(g: Group): Verdict {
  const b = bucketOf(g)
  if (b === 'closed') return { tone: '', icon: 'lock', key: 'closed' }
  if (b === 'no_data') return { tone: '', icon: 'info', key: g.coverage ? 'stale' : 'never' }
  if (g.life.state === 'dead') return { tone: 'bad', icon: 'alert', key: 'dead' }
  if (b === 'needs') return { tone: 'watch', icon: 'alert', key: 'findings' }
  return { tone: 'good', icon: 'check', key: g.quiet ? 'quiet' : 'alive' }
}

export type Sort = 'needs' | 'present' | 'last' | 'name'

export function sortGroups(list: Group[], by: Sort): Group[] {
  const byName = (a: Group, b: Group): number => a.name.localeCompare(b.name, 'zh-CN', { numeric: true })
  const key: Record<Sort, (a: Group, b: Group) => number> = {
    needs: (a, b) => b.needs_me - a.needs_me || byName(a, b),
    present: (a, b) => (b.n_present ?? -1) - (a.n_present ?? -1) || byName(a, b),
    last: (a, b) => (b.last_message_at ?? '').localeCompare(a.last_message_at ?? '') || byName(a, b),
    name: byName,
  }
  return [...list].sort(key[by])
}

export const truncated = (g: Group): boolean => g.n_present_truncated === true || Number(g.n_present_truncated) > 0
