// Accounts, spaces, team, keys and the audit log.
import { assign, found, meOf, need, pageOf, Refuse, staffOut } from './shapes.mjs'
import { iso, newId, note, ZONES } from './state.mjs'

export const peopleRoutes = [
  ['GET', '/me', ({ s, who, ses }) => meOf(s, who, ses.csrf)],
  [
    'PATCH',
    '/me',
    ({ s, who, ses, b }) => {
      assign(who, b, ['name', 'lang'])
      return meOf(s, who, ses.csrf)
    },
  ],
  [
    'PUT',
    '/me/password',
    ({ s, who, ses, b }) => {
      if (b.old_password !== s.password && b.old_password !== who.password)
        throw new Refuse(422, 'invalid', '有几项没有填对。', [{ field: 'old_password', rule: 'wrong' }])
      if (b.new_password.length < 10 || /^(1234567890|password12)$/.test(b.new_password))
        throw new Refuse(422, 'weak_password', '密码太短或太常见。', [{ field: 'new_password', rule: 'weak' }])
      who.password = b.new_password
      who.must_change = false
      return meOf(s, who, ses.csrf)
    },
  ],
  [
    'GET',
    '/sessions',
    ({ s, ses }) => ({
      items: [...s.sessions.values()].map((x) => ({
        id: x.id,
        created_at: iso(x.at),
        last_seen_at: iso(Date.now()),
        address: '127.0.0.1',
        user_agent: x.ua,
        current: x === ses,
      })),
      next_cursor: null,
    }),
  ],
  [
    'POST',
    '/session/space',
    ({ s, who, ses, b }) => {
      who.space = found(s.spaces.find((x) => x.id === b.space_id)).id
      return meOf(s, who, ses.csrf)
    },
  ],
  ['GET', '/zones', () => ({ items: Object.entries(ZONES).map(([name, offset_minutes]) => ({ name, offset_minutes })) })],
  [
    'GET',
    '/spaces',
    ({ s }) => ({ items: s.spaces.map((x) => ({ ...x, n_groups: s.groups.length, n_members: s.members.length })), next_cursor: null }),
  ],
  [
    'POST',
    '/spaces',
    ({ s, b }) => {
      need(b.name, 'name')
      const x = { id: newId(), code: `s${s.spaces.length}`, created_at: iso(Date.now()), n_groups: 0, n_members: 0, ...b }
      s.spaces.push(x)
      return [201, x]
    },
  ],
  [
    'PATCH',
    '/spaces/:id',
    ({ s, p, b }) => {
      const x = found(s.spaces.find((y) => y.id === p.id))
      if (b.name !== undefined) need(b.name, 'name')
      assign(x, b, ['name', 'zone', 'lang'])
      if (b.setup_done) s.setup_done = true
      return x
    },
  ],
  ['GET', '/staff', ({ s, who }) => ({ items: s.staff.map((x) => staffOut(s, x, who)), next_cursor: null })],
  [
    'POST',
    '/staff',
    ({ s, who, b }) => {
      need(b.login, 'login')
      need(b.name, 'name')
      if (s.staff.some((x) => x.login === b.login))
        throw new Refuse(409, 'already_exists', '已经有同名的了。', [{ field: 'login', rule: 'taken' }])
      const x = {
        id: newId(),
        login: b.login,
        name: b.name,
        role: b.role,
        communities: b.communities?.length ? b.communities : null,
        state: 'active',
        last_seen_at: null,
        lang: 'zh',
        must_change: true,
        password: 'once-mock-7Q4F',
      }
      s.staff.push(x)
      note(s, who, 'staff.create', 'staff', x.id, x.name, { role: x.role })
      return [201, { ...staffOut(s, x, who), one_time_password: x.password }]
    },
  ],
  [
    'PATCH',
    '/staff/:id',
    ({ s, who, p, b }) => {
      const x = found(s.staff.find((y) => y.id === p.id))
      if (
        x.role === 'creator' &&
        ((b.role && b.role !== 'creator') || b.state === 'disabled') &&
        s.staff.filter((y) => y.role === 'creator' && y.state === 'active').length < 2
      )
        throw new Refuse(409, 'last_owner', '最后一位创建者不能移除或降级。')
      assign(x, b, ['name', 'role', 'communities', 'state'])
      return staffOut(s, x, who)
    },
  ],
  [
    'POST',
    '/staff/:id/password',
    ({ s, p }) => {
      const x = found(s.staff.find((y) => y.id === p.id))
      x.password = 'once-mock-9KX2'
      x.must_change = true
      return { one_time_password: x.password }
    },
  ],
  [
    'DELETE',
    '/staff/:id',
    ({ s, p }) => {
      s.staff = s.staff.filter((x) => x.id !== p.id)
      return [204]
    },
  ],
  ['GET', '/roles', ({ s }) => ({ items: s.roles, next_cursor: null })],
  [
    'POST',
    '/roles',
    ({ s, b }) => {
      need(b.key, 'key')
      need(b.name, 'name')
      const r = { key: b.key, name_zh: b.name, name_en: b.name, builtin: false, grants: b.grants }
      s.roles.push(r)
      return [201, r]
    },
  ],
  [
    'PATCH',
    '/roles/:id',
    ({ s, p, b }) => {
      const r = found(s.roles.find((x) => x.key === p.id))
      if (b.name) r.name_zh = r.name_en = b.name
      if (b.grants) r.grants = b.grants
      return r
    },
  ],
  [
    'DELETE',
    '/roles/:id',
    ({ s, p }) => {
      s.roles = s.roles.filter((x) => x.key !== p.id)
      return [204]
    },
  ],
  ['GET', '/keys', ({ s }) => ({ items: s.keys, next_cursor: null })],
  [
    'POST',
    '/keys',
    ({ s, b }) => {
      need(b.name, 'name')
      const k = {
        id: newId(),
        name: b.name,
        role: b.role,
        prefix: 'qk_main_3fA',
        created_at: iso(Date.now()),
        last_used_at: null,
        expires_at: b.expires_at ?? null,
      }
      s.keys.push(k)
      return [201, { ...k, key: 'qk_main_3fA9-mock-only-value' }]
    },
  ],
  [
    'DELETE',
    '/keys/:id',
    ({ s, p }) => {
      s.keys = s.keys.filter((k) => k.id !== p.id)
      return [204]
    },
  ],
  [
    'GET',
    '/audit',
    ({ s, q }) =>
      pageOf(
        s.audit.filter(
          (a) => (!q.get('action') || a.action.startsWith(q.get('action'))) && (!q.get('actor') || a.actor.name.includes(q.get('actor'))),
        ),
        q,
      ),
  ],
  ['GET', '/audit/verify', ({ s }) => ({ ok: true, n: s.audit.length, sealed_to: s.audit.length, first_bad_seq: null })],
]
