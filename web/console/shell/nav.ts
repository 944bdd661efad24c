import type { IconName } from '@shared/components/icons'
import { can } from '../session'

export interface Place {
  key: 'groups' | 'members' | 'imports' | 'reports' | 'team' | 'settings'
  icon: IconName
  to: string
  needs?: string
}

const PLACES: Place[] = [
  { key: 'groups', icon: 'groups', to: 'groups', needs: 'group' },
  { key: 'members', icon: 'member', to: 'members', needs: 'member' },
  { key: 'imports', icon: 'import', to: 'imports', needs: 'import' },
  { key: 'reports', icon: 'report', to: 'reports', needs: 'report' },
  { key: 'team', icon: 'team', to: 'team', needs: 'staff' },
  { key: 'settings', icon: 'settings', to: 'account' },
]

const OWNER: Record<string, Place['key']> = {
  groups: 'groups',
  communities: 'groups',
  group: 'groups',
  'group-members': 'groups',
  members: 'members',
  imports: 'imports',
  'import-new': 'imports',
  import: 'imports',
  reports: 'reports',
  metrics: 'reports',
  team: 'team',
  roles: 'team',
  account: 'settings',
  sessions: 'settings',
  spaces: 'settings',
  keys: 'settings',
  audit: 'settings',
}

export const places = (): Place[] => PLACES.filter((p) => !p.needs || can(p.needs))
export const placeOf = (route: unknown): Place['key'] | undefined => OWNER[String(route)]
