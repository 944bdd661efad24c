import type { Group } from '@shared/api/types'
import type { IconName } from '@shared/components/icons'

export type Bucket = 'needs' | 'no_data' | 'normal' | 'closed'

/* No data, silent and normal are different verdicts: a group nobody imported is never called dead. */
export function bucketOf(g: Group, now = Date.now()): Bucket {
  if (g.state === 'closed') return 'closed'
  if (g.life.state === 'no_data' || isStale(g, now)) return 'no_data'
  return g.needs_me > 0 || g.life.state === 'dead' ? 'needs' : 'normal'
}

/* The data end more than a week ago: what was judged then says nothing about now. */
export function isStale(g: Group, now = Date.now()): boolean {
  return g.coverage !== null && Date.parse(g.coverage.to) < now - 7 * 86_400_000
}

export interface Verdict {
  tone: '' | 'good' | 'watch' | 'bad'
  icon: IconName
  key: string
}

export function verdictOf(g: Group, now = Date.now()): Verdict {
  const b = bucketOf(g, now)
  if (b === 'closed') return { tone: '', icon: 'lock', key: 'closed' }
  if (b === 'no_data' && g.life.state !== 'no_data')
    return { tone: '', icon: 'clock', key: g.life.state === 'dead' ? 'dead_then' : 'alive_then' }
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
