import type { components } from '@shared/api'

export type Schemas = components['schemas']
export type Me = Schemas['Me']
export type Group = Schemas['Group']
export type Community = Schemas['Community']
export type Member = Schemas['Member']
export type Kind = Schemas['Kind']
export type Import = Schemas['Import']
export type Upload = Schemas['Upload']
export type Report = Schemas['Report']
export type Metric = Schemas['Metric']
export type MetricDef = Schemas['MetricDef']
export type Finding = Schemas['Finding']
export type Source = Schemas['Source']
export type Staff = Schemas['Staff']
export type Role = Schemas['Role']
export type Level = Schemas['Level']
export type Lang = Schemas['Lang']
export type Space = Schemas['Space']
export type Portfolio = Schemas['Portfolio']
export type AuditRow = Schemas['AuditRow']

export const CARRIERS = ['wechat', 'qq', 'wecom', 'whatsapp', 'telegram', 'irc', 'offline', 'builtin', 'other'] as const
export const ARCHETYPES = ['interest', 'daily_sales', 'flash', 'event', 'welfare', 'vip', 'growth', 'other'] as const
export const KINDS = ['person', 'staff', 'bot', 'alias'] as const
export const FORMATS = ['irc', 'whatsapp', 'telegram', 'csv', 'jsonl'] as const
export const RESOURCES = ['space', 'staff', 'key', 'audit', 'community', 'group', 'member', 'import', 'fact', 'report', 'backup'] as const
export const LEVELS = ['none', 'read', 'full'] as const
export const MEMBER_ROLES = ['creator', 'manager', 'participant', 'partner'] as const
