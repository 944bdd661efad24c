// The whole world of the mock server: plain arrays in memory. Used by tests and `npm run mock` only.
export const ZONES = { 'Asia/Shanghai': 480, 'Asia/Tokyo': 540, 'Europe/Berlin': 60, 'Europe/London': 0, 'America/New_York': -300, UTC: 0 }
export const RESOURCES = ['space', 'staff', 'key', 'audit', 'community', 'group', 'member', 'import', 'fact', 'report', 'backup']
const all = (level) => Object.fromEntries(RESOURCES.map((r) => [r, level]))

let last = 1000
export const newId = () => String(++last)
export const iso = (ms) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')

export function makeState({ demo, password }) {
  const now = Date.now()
  const space = {
    id: newId(),
    code: 'main',
    name: demo ? '小美美食' : 'Main',
    zone: 'Asia/Shanghai',
    lang: 'zh',
    created_at: iso(now),
    n_groups: 0,
    n_members: 0,
  }
  const s = {
    password,
    sessions: new Map(),
    spaces: [space],
    setup_done: demo,
    staff: [
      {
        id: newId(),
        login: 'owner',
        name: demo ? '林小美' : 'owner',
        role: 'creator',
        communities: null,
        state: 'active',
        last_seen_at: iso(now),
        lang: 'zh',
        must_change: !demo,
      },
    ],
    roles: [
      { key: 'creator', name_zh: '创建者', name_en: 'Creator', builtin: true, grants: all('full') },
      {
        key: 'manager',
        name_zh: '管理者',
        name_en: 'Manager',
        builtin: true,
        grants: { ...all('full'), space: 'read', staff: 'read', key: 'none', backup: 'none' },
      },
      {
        key: 'participant',
        name_zh: '参与者',
        name_en: 'Participant',
        builtin: true,
        grants: { ...all('none'), group: 'read', member: 'read', report: 'read', community: 'read' },
      },
      { key: 'partner', name_zh: '合作者', name_en: 'Partner', builtin: true, grants: { ...all('none'), report: 'read', group: 'read' } },
    ],
    keys: [],
    audit: [],
    communities: [],
    groups: [],
    members: [],
    uploads: new Map(),
    imports: [],
    streams: new Set(),
  }
  if (demo) fill(s)
  return s
}

export function note(s, who, action, kind, id, name, detail = {}) {
  s.audit.unshift({
    seq: s.audit.length + 1,
    at: iso(Date.now()),
    actor: { kind: 'staff', id: who.id, name: who.name },
    action,
    target_kind: kind,
    target_id: id,
    target_name: name,
    detail,
    address: '127.0.0.1',
  })
}

export function addCommunity(s, name, more = {}) {
  const c = { id: newId(), name, zone: 'Asia/Shanghai', archetype: null, created_at: iso(Date.now()), state: 'active', ...more }
  s.communities.push(c)
  return c
}

export function addGroup(s, community, name, more = {}) {
  const g = {
    id: newId(),
    community_id: community.id,
    name,
    carrier: 'wechat',
    archetype: null,
    quiet: false,
    state: 'active',
    created_at: iso(Date.now()),
    events: [],
    coverage: null,
    ...more,
  }
  s.groups.push(g)
  return g
}

export function memberOf(s, group, name) {
  let m = s.members.find((x) => x.key === `${group.id}/${name}`)
  if (!m) {
    m = {
      id: newId(),
      key: `${group.id}/${name}`,
      name,
      kind: 'person',
      staff_id: null,
      label: null,
      group_id: group.id,
      first: null,
      last: null,
      n: 0,
      truncated: false,
    }
    s.members.push(m)
  }
  return m
}

// Events are {at, who, kind}; who is a member's id.
export function addEvent(s, group, at, name, kind) {
  const m = memberOf(s, group, name)
  if (m.first === null) m.truncated = kind !== 'join'
  m.first = m.first === null ? at : Math.min(m.first, at)
  m.last = m.last === null ? at : Math.max(m.last, at)
  if (kind === 'message') m.n++
  group.events.push({ at, who: m.id, kind })
}

function random(seed) {
  let x = seed
  return () => (x = (x * 1664525 + 1013904223) >>> 0) / 4294967296
}

const NAMES = [
  '阿May',
  '王姐',
  '小李',
  '陈师傅',
  '李姐',
  '阿国',
  '何先生',
  '阿强',
  'Momo',
  '林太',
  '老周',
  '团团妈',
  'Vivian',
  '大刘',
  '小鱼',
  '静静',
  '阿杰',
  '果果',
  '安安',
  '一个名字特别长特别长特别长的群成员某某某',
]

function chat(s, g, { days, until, perDay, seed, decay = 1 }) {
  const rnd = random(seed)
  const start = until - days * 86400e3
  for (let d = 0; d < days; d++) {
    if (d % 41 > 37) continue // a hole nobody exported
    const n = Math.round(perDay * decay ** (d / 7) * (0.6 + rnd() * 0.8))
    for (let i = 0; i < n; i++) {
      const hour = rnd() < 0.55 ? [8, 9, 12, 13, 20, 21, 21, 22][Math.floor(rnd() * 8)] : 7 + Math.floor(rnd() * 16)
      const who = NAMES[Math.floor(rnd() ** 2 * Math.min(NAMES.length, 4 + d / 4))]
      addEvent(s, g, start + d * 86400e3 + (hour * 60 + Math.floor(rnd() * 60)) * 60e3 - 8 * 3600e3, who, 'message')
    }
    if (rnd() < 0.2) addEvent(s, g, start + d * 86400e3 + 3600e3, `新人${d}`, 'join')
  }
  g.events.sort((a, b) => a.at - b.at)
  g.coverage = { from: iso(start), to: iso(until), source: 'automatic' }
}

function fill(s) {
  const day = Math.floor(Date.now() / 86400e3) * 86400e3
  const food = addCommunity(s, '小美美食', { archetype: 'interest' })
  const shop = addCommunity(s, '体育西路店', { archetype: 'daily_sales' })
  const owner = s.staff[0]
  chat(s, addGroup(s, food, '小美美食群 12', { archetype: 'interest' }), { days: 150, until: day, perDay: 40, seed: 7, decay: 0.985 })
  chat(s, addGroup(s, food, '小美美食群 14'), { days: 60, until: day, perDay: 25, seed: 11 })
  chat(s, addGroup(s, shop, '小美美食群 9', { archetype: 'daily_sales', quiet: true }), { days: 40, until: day, perDay: 4, seed: 3 })
  chat(s, addGroup(s, food, '老读者群', { carrier: 'qq' }), { days: 90, until: day - 200 * 86400e3, perDay: 12, seed: 5 })
  const silent = addGroup(s, food, '小美美食群 23')
  chat(s, silent, { days: 70, until: day - 9 * 86400e3, perDay: 9, seed: 9, decay: 0.6 })
  silent.coverage.to = iso(day)
  addGroup(s, shop, '小美美食群 33')
  const one = addGroup(s, shop, '刚导入一天的群')
  chat(s, one, { days: 1, until: day, perDay: 6, seed: 2 })
  addGroup(s, food, '旧活动群', { state: 'closed' })
  note(s, owner, 'group.create', 'group', s.groups[0].id, s.groups[0].name, { carrier: 'wechat' })
  note(s, owner, 'staff.login', 'staff', owner.id, owner.name)
}
