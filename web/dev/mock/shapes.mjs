// How the mock's rows look from outside, and its refusals.
import { lifeOf, report } from './report.mjs'
import { addCommunity, iso } from './state.mjs'

export class Refuse extends Error {
  constructor(status, code, title, fields = []) {
    super(title)
    Object.assign(this, { status, code, fields })
  }
}
export const need = (v, field) => {
  if (!String(v ?? '').trim()) throw new Refuse(422, 'invalid', '有几项没有填对。', [{ field, rule: 'required' }])
}
export const found = (x) => {
  if (!x) throw new Refuse(404, 'not_found', '没有找到，可能已被删除。')
  return x
}
export const pageOf = (list, q) => {
  const limit = Number(q.get('limit') ?? 50)
  const at = Number(q.get('cursor') ?? 0)
  return { items: list.slice(at, at + limit), next_cursor: at + limit < list.length ? String(at + limit) : null }
}

export function meOf(s, who, csrf) {
  const role = s.roles.find((r) => r.key === who.role)
  const space = s.spaces.find((x) => x.id === (who.space ?? s.spaces[0].id))
  return {
    staff: { id: who.id, login: who.login, name: who.name, lang: who.lang },
    must_change_password: !!who.must_change,
    install_owner: who.role === 'creator',
    csrf,
    space,
    role: { key: role.key, name_zh: role.name_zh, name_en: role.name_en },
    grants: role.grants,
    communities: who.communities,
    spaces: s.spaces.map((x) => ({ id: x.id, code: x.code, name: x.name, role: who.role })),
    version: '0.0-mock',
    setup_done: s.setup_done || s.groups.length > 0,
  }
}
export const groupOf = (s, g) => {
  const c = s.communities.find((x) => x.id === g.community_id)
  const life = lifeOf(s, g, Date.now())
  const here = s.members.filter((m) => m.group_id === g.id)
  const { events, ...rest } = g
  return {
    ...rest,
    community_name: c.name,
    n_present: g.coverage ? here.length : null,
    n_present_truncated: here.some((m) => m.truncated),
    last_message_at: events.length ? iso(events.at(-1).at) : null,
    life: { state: life, as_of: iso(Date.now()) },
    needs_me:
      life === 'dead' ? 90 : life === 'alive' && !g.quiet && (report(s, g, Date.now(), c).metrics.M14.value ?? 10000) < 7000 ? 40 : 0,
  }
}
export const communityOf = (s, c) => ({
  ...c,
  n_groups: s.groups.filter((g) => g.community_id === c.id).length,
  n_members: s.members.filter((m) => s.groups.find((g) => g.id === m.group_id)?.community_id === c.id).length,
})
export const memberOut = (s, m, full) => {
  const g = s.groups.find((x) => x.id === m.group_id)
  const one = {
    id: m.id,
    name: m.name,
    kind: m.kind,
    staff_id: m.staff_id,
    staff_name: s.staff.find((x) => x.id === m.staff_id)?.name ?? null,
    label: m.label,
    n_groups: 1,
    identities: [{ carrier: g.carrier, group_id: g.id, key: m.name, name: m.name }],
    first_seen_at: m.first && iso(m.first),
    last_act_at: m.n ? iso(m.last) : null,
    n_messages: m.n,
  }
  return full
    ? {
        ...one,
        memberships: [
          {
            group_id: g.id,
            group_name: g.name,
            from: iso(m.first),
            to: null,
            left_truncated: m.truncated,
            source: 'automatic',
            role: 'participant',
          },
        ],
      }
    : one
}
export const staffOut = (s, x, who) => ({
  id: x.id,
  login: x.login,
  name: x.name,
  role: x.role,
  communities: x.communities,
  state: x.state,
  last_seen_at: x.last_seen_at,
  is_me: x.id === who.id,
})

export function pickCommunity(s, b) {
  if (b.community_id) return found(s.communities.find((c) => c.id === b.community_id))
  need(b.community_name, 'community')
  return s.communities.find((c) => c.name === b.community_name) ?? addCommunity(s, b.community_name)
}
export const assign = (x, b, keys) => {
  for (const k of keys) if (b[k] !== undefined) x[k] = b[k]
}
