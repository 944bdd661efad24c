// Communities, groups, members, imports and numbers: just what the console asks for.
import { startImport } from './import.mjs'
import { detect } from './parse.mjs'
import { lifeOf, metricDefs, report } from './report.mjs'
import { peopleRoutes } from './routes-people.mjs'
import { assign, communityOf, found, groupOf, memberOut, need, pageOf, pickCommunity, Refuse } from './shapes.mjs'
import { addCommunity, addGroup, iso, newId, note } from './state.mjs'

// [method, path, (ctx) => answer]; ctx = {s, who, ses, p, q, b, raw}
export const routes = [
  ...peopleRoutes,
  [
    'GET',
    '/communities',
    ({ s, q }) =>
      pageOf(
        s.communities.map((c) => communityOf(s, c)),
        q,
      ),
  ],
  [
    'POST',
    '/communities',
    ({ s, b }) => {
      need(b.name, 'name')
      return [201, communityOf(s, addCommunity(s, b.name, { zone: b.zone ?? 'Asia/Shanghai', archetype: b.archetype ?? null }))]
    },
  ],
  [
    'PATCH',
    '/communities/:id',
    ({ s, p, b }) => {
      const c = found(s.communities.find((x) => x.id === p.id))
      assign(c, b, ['name', 'zone', 'archetype', 'state'])
      return communityOf(s, c)
    },
  ],
  [
    'GET',
    '/groups',
    ({ s, q }) =>
      pageOf(
        s.groups.filter((g) => !q.get('q') || g.name.includes(q.get('q'))).map((g) => groupOf(s, g)),
        q,
      ),
  ],
  [
    'POST',
    '/groups',
    ({ s, who, b }) => {
      need(b.name, 'name')
      const g = addGroup(s, pickCommunity(s, b), b.name, { carrier: b.carrier, archetype: b.archetype ?? null, quiet: !!b.quiet })
      note(s, who, 'group.create', 'group', g.id, g.name)
      return [201, groupOf(s, g)]
    },
  ],
  ['GET', '/groups/:id', ({ s, p }) => groupOf(s, found(s.groups.find((g) => g.id === p.id)))],
  [
    'PATCH',
    '/groups/:id',
    ({ s, p, b }) => {
      const g = found(s.groups.find((x) => x.id === p.id))
      if (b.name !== undefined) need(b.name, 'name')
      assign(g, b, ['name', 'carrier', 'archetype', 'quiet', 'community_id'])
      return groupOf(s, g)
    },
  ],
  [
    'POST',
    '/groups/:id/close',
    ({ s, p }) => {
      const g = found(s.groups.find((x) => x.id === p.id))
      g.state = 'closed'
      return groupOf(s, g)
    },
  ],
  [
    'POST',
    '/groups/:id/reopen',
    ({ s, p }) => {
      const g = found(s.groups.find((x) => x.id === p.id))
      g.state = 'active'
      return groupOf(s, g)
    },
  ],
  [
    'GET',
    '/groups/:id/report',
    ({ s, p, q }) => {
      const g = found(s.groups.find((x) => x.id === p.id))
      const r = report(
        s,
        g,
        q.get('as_of') ? Date.parse(q.get('as_of')) : Date.now(),
        s.communities.find((c) => c.id === g.community_id),
      )
      const f = q.get('format') ?? 'json'
      if (f === 'json' && !q.get('download')) return r
      const text =
        f === 'json'
          ? JSON.stringify(r, null, 1)
          : f === 'html'
            ? `<!doctype html><meta charset="utf-8"><title>${g.name}</title><h1>${g.name}</h1>`
            : `${g.name}\n${Object.entries(r.metrics)
                .map(([k, m]) => `${k} ${m.name_zh} ${m.value ?? m.na}`)
                .join('\n')}\n`
      return { file: `report.${f}`, text }
    },
  ],
  [
    'POST',
    '/uploads',
    ({ s, q, raw }) => {
      const u = { id: newId(), filename: q.get('filename'), bytes: raw.length, ...detect(q.get('filename'), raw) }
      s.uploads.set(u.id, u)
      const { text, ...out } = u
      void text
      return [201, out]
    },
  ],
  [
    'POST',
    '/imports',
    ({ s, who, b }) => {
      const u = found(s.uploads.get(b.upload_id))
      if (b.format) u.format = b.format
      if (!u.format) throw new Refuse(422, 'format_unknown', '认不出文件格式，请指定格式。', [{ field: 'format', rule: 'required' }])
      if (!b.group_id) need(b.group_name, 'group_name')
      const c = s.communities.find((x) => x.id === b.community_id) ?? s.communities[0] ?? addCommunity(s, b.group_name)
      const g = b.group_id
        ? found(s.groups.find((x) => x.id === b.group_id))
        : addGroup(s, c, b.group_name, { carrier: b.carrier ?? 'other' })
      return [202, startImport(s, u, g, b, who)]
    },
  ],
  ['GET', '/imports', ({ s, q }) => pageOf(s.imports, q)],
  ['GET', '/imports/:id', ({ s, p }) => found(s.imports.find((x) => x.id === p.id))],
  [
    'POST',
    '/imports/:id/cancel',
    ({ s, p }) => {
      const x = found(s.imports.find((y) => y.id === p.id))
      if (x.state !== 'running') throw new Refuse(409, 'wrong_state', '现在的状态不允许这样做。')
      x.state = 'cancelled'
      x.finished_at = iso(Date.now())
      return x
    },
  ],
  [
    'GET',
    '/insight/portfolio',
    ({ s }) => {
      const lives = s.groups.filter((g) => g.state === 'active').map((g) => ({ g, st: lifeOf(s, g, Date.now()) }))
      const judged = lives.filter((x) => x.st !== 'no_data')
      const dead = judged.filter((x) => x.st === 'dead').length
      const days = (g) => (g.events.length ? Math.round((g.events.at(-1).at - g.events[0].at) / 864e5) : null)
      const spans = lives
        .map((x) => days(x.g))
        .filter((d) => d !== null)
        .sort((a, b) => a - b)
      return {
        as_of: iso(Date.now()),
        n_groups: lives.length,
        n_judged: judged.length,
        n_dead: dead,
        dead_rate_bp: judged.length ? Math.round((dead * 10000) / judged.length) : null,
        base_rate_bp: 8000,
        life_median_days: spans.length ? spans[spans.length >> 1] : null,
        n_lives: spans.length,
        over_90d_bp: spans.length ? Math.round((spans.filter((d) => d > 90).length * 10000) / spans.length) : null,
        groups: lives.map((x) => ({ id: x.g.id, name: x.g.name, state: x.st, risk: null, life_days: days(x.g), month1: null })),
      }
    },
  ],
  [
    'GET',
    '/members',
    ({ s, q }) =>
      pageOf(
        s.members
          .filter(
            (m) =>
              (!q.get('group') || m.group_id === q.get('group')) &&
              (!q.get('kind') || m.kind === q.get('kind')) &&
              (!q.get('q') || m.name.includes(q.get('q'))) &&
              q.get('state') !== 'left',
          )
          .map((m) => memberOut(s, m, false)),
        q,
      ),
  ],
  ['GET', '/members/:id', ({ s, p }) => memberOut(s, found(s.members.find((m) => m.id === p.id)), true)],
  [
    'PATCH',
    '/members/:id',
    ({ s, p, b }) => {
      const m = found(s.members.find((x) => x.id === p.id))
      if (b.kind === 'alias' && (!b.staff_id || !b.label)) throw new Refuse(422, 'alias_unlabelled', '马甲必须绑定一位工作人员并公开标注。')
      assign(m, b, ['name', 'kind', 'staff_id', 'label'])
      return memberOut(s, m, true)
    },
  ],
  ['GET', '/metrics', () => ({ items: metricDefs() })],
]
