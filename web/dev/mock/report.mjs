// Recomputes one group's numbers from its events, in the shape the real server answers.
import { iso } from './state.mjs'

const DAY = 86400e3
const W7 = 7 * DAY

const METRICS = [
  [
    'M01',
    '7 日活跃率',
    '7-day activity rate',
    'bp',
    '这 7 天有动作的人 ÷ 这 7 天一直在群的人',
    'people who acted in these 7 days ÷ people present all through them',
  ],
  [
    'M05',
    '次日留存',
    'Day-1 retention',
    'bp',
    '进群次日还在且有动作的人 ÷ 当天进群的人',
    'present and active the day after joining ÷ joined that day',
  ],
  ['M10', '群龄', 'Life span', 'days', '最后一次成员动作 − 第一次成员动作', 'last member act − first member act'],
  [
    'M11',
    '核心占比',
    'Core share',
    'bp',
    '产出 80 % 发言的最少人数 ÷ 全部发言人',
    'fewest people who make 80 % of messages ÷ all speakers',
  ],
  ['M14', '发言衰减', 'Decay', 'bp', '本周发言 ÷ 第 1 周发言', 'this week’s messages ÷ those of week 1'],
]

export const metricDefs = () =>
  METRICS.map(([id, name_zh, name_en, unit, formula_zh, formula_en]) => ({
    id,
    name_zh,
    name_en,
    unit,
    formula_zh,
    formula_en,
    source: 'automatic',
    na_rule: '分母为 0，或窗口内没有数据',
  }))

const bp = (a, b) => (b > 0 ? Math.floor((a * 20000 + b) / (2 * b)) : null)
const uniq = (list) => new Set(list).size

export function lifeOf(s, g, now) {
  if (!g.coverage || Date.parse(g.coverage.to) < now - W7) return 'no_data'
  if (g.quiet) return 'alive'
  return g.events.some((e) => e.kind === 'message' && e.at >= now - W7 && e.at < now && kindOf(s, e.who) === 'person') ? 'alive' : 'dead'
}

const kindOf = (s, id) => s.members.find((m) => m.id === id)?.kind ?? 'person'

function series(events, g, until, off) {
  const dayOf = (at) => new Date(at + off).toISOString().slice(0, 10)
  const from = Date.parse(g.coverage.from)
  const end = Math.min(until, Date.parse(g.coverage.to))
  const daily = []
  const seen = new Set()
  const byDay = Map.groupBy
    ? Map.groupBy(events, (e) => dayOf(e.at))
    : events.reduce((m, e) => m.set(dayOf(e.at), [...(m.get(dayOf(e.at)) ?? []), e]), new Map())
  for (let t = from; t < end; t += DAY) {
    const day = dayOf(t)
    const list = byDay.get(day) ?? []
    const talk = list.filter((e) => e.kind === 'message')
    const who = new Set(talk.map((e) => e.who))
    const fresh = [...who].filter((w) => !seen.has(w))
    fresh.forEach((w) => seen.add(w))
    daily.push({
      day,
      messages: talk.length,
      speakers: who.size,
      joins: list.filter((e) => e.kind === 'join').length,
      leaves: 0,
      new_speakers: fresh.length,
      covered: list.length > 0 || daily.length % 41 <= 37,
    })
  }
  const heat = Array.from({ length: 7 }, () => Array(24).fill(0))
  const talk = events.filter((e) => e.kind === 'message')
  for (const e of talk) {
    const d = new Date(e.at + off)
    heat[(d.getUTCDay() + 6) % 7][d.getUTCHours()]++
  }
  const weeks = []
  for (let t = from; t + W7 <= end + DAY; t += W7) {
    const list = talk.filter((e) => e.at >= t && e.at < t + W7)
    weeks.push({ from: dayOf(t), messages: list.length, speakers: uniq(list.map((e) => e.who)), ratio_bp: null })
  }
  for (const w of weeks) w.ratio_bp = bp(w.messages, weeks[0].messages)
  const months = [...new Set(daily.map((d) => d.day.slice(0, 7)))]
  const active = new Map(months.map((m) => [m, new Set(talk.filter((e) => dayOf(e.at).startsWith(m)).map((e) => e.who))]))
  const born = new Map()
  for (const m of months) for (const w of active.get(m)) if (!born.has(w)) born.set(w, m)
  const cohorts = months.map((m, i) => {
    const c = [...born].filter(([, b]) => b === m).map(([w]) => w)
    return { month: m, size: c.length, active: months.slice(i).map((x) => c.filter((w) => active.get(x).has(w)).length) }
  })
  return { daily, rolling: [], heat, cohorts, weeks }
}

function metric(id, value, n, of, window, na) {
  const [, name_zh, name_en, unit] = METRICS.find((m) => m[0] === id)
  return {
    value,
    unit,
    n,
    of,
    window,
    source: 'automatic',
    coverage_bp: 10000,
    na: value === null ? na[0] : null,
    na_en: value === null ? na[1] : null,
    name_zh,
    name_en,
  }
}

export function report(s, g, asOf, community) {
  const off = 480 * 60e3
  const until = asOf
  const events = g.events.filter((e) => e.at < until)
  const talk = events.filter((e) => e.kind === 'message')
  const ser = series(events, g, until, off)
  const w = { from: iso(until - W7), to: iso(until) }
  const here = s.members.filter((m) => m.group_id === g.id && m.first !== null && m.first < until)
  const acting = uniq(talk.filter((e) => e.at >= until - W7).map((e) => e.who))
  const covered = Date.parse(g.coverage.to) >= until - W7
  const none = ['这个窗口里没有数据', 'no data in this window']
  const counts = [...talk.reduce((m, e) => m.set(e.who, (m.get(e.who) ?? 0) + 1), new Map())].sort((a, b) => b[1] - a[1])
  let sum = 0
  const core = counts.findIndex(([, n]) => (sum += n) >= talk.length * 0.8) + 1
  const lastWeek = ser.weeks.at(-1)
  const findings = []
  if (lastWeek && ser.weeks.length > 2 && lastWeek.ratio_bp < 7000)
    findings.push({
      code: 'decay',
      severity: 'watch',
      title_zh: `本周发言只有第 1 周的 ${(lastWeek.ratio_bp / 100).toFixed(1)}%`,
      title_en: `This week has ${(lastWeek.ratio_bp / 100).toFixed(1)}% of week 1’s messages`,
      evidence: { messages: lastWeek.messages, first: ser.weeks[0].messages, threshold_bp: 7000 },
      because_zh: `${lastWeek.messages}/${ser.weeks[0].messages} 条 · 警戒 70%`,
      because_en: `${lastWeek.messages}/${ser.weeks[0].messages} messages · alert at 70%`,
      remedy_zh: '每天定一个固定话题，先请两位老成员带头',
      remedy_en: 'Set one topic a day and ask two long-standing members to start',
      metric: 'M14',
    })
  if (!covered)
    findings.push({
      code: 'no_data',
      severity: 'info',
      title_zh: '最近 7 天没有数据',
      title_en: 'No data for the last 7 days',
      evidence: {},
      because_zh: '没有导入不等于没人发言',
      because_en: 'Not imported is not the same as nobody spoke',
      remedy_zh: '导入最近的聊天记录',
      remedy_en: 'Import the recent chat',
      metric: null,
    })
  else if (lastWeek && lastWeek.speakers > 5)
    findings.push({
      code: 'speakers',
      severity: 'good',
      title_zh: `本周有 ${lastWeek.speakers} 人发言`,
      title_en: `${lastWeek.speakers} people spoke this week`,
      evidence: { speakers: lastWeek.speakers },
      because_zh: null,
      because_en: null,
      remedy_zh: null,
      remedy_en: null,
      metric: 'M01',
    })
  const gaps = ser.daily
    .filter((d) => !d.covered)
    .map((d) => ({ from: `${d.day}T00:00:00+08:00`, to: iso(Date.parse(`${d.day}T00:00:00+08:00`) + DAY) }))
    .reduce((a, x) => (a.length && Date.parse(a.at(-1).to) === Date.parse(x.from) ? ((a.at(-1).to = x.to), a) : [...a, x]), [])
  return {
    group: {
      id: g.id,
      name: g.name,
      community: community.name,
      carrier: g.carrier,
      archetype: g.archetype,
      zone: community.zone,
      quiet: g.quiet,
    },
    as_of: iso(asOf),
    generated_at: iso(Date.now()),
    coverage: {
      ...g.coverage,
      days_covered: ser.daily.filter((d) => d.covered).length,
      days_window: ser.daily.length,
      note_zh: null,
      note_en: null,
      gaps,
    },
    people: {
      present: here.length,
      speakers: counts.length,
      left_truncated: here.filter((m) => m.truncated).length,
      staff: here.filter((m) => m.kind === 'staff').length,
      bots: here.filter((m) => m.kind === 'bot').length,
      aliases: here.filter((m) => m.kind === 'alias').length,
    },
    metrics: {
      M01: metric('M01', covered ? bp(acting, here.length) : null, acting, here.length, w, none),
      M05: metric('M05', null, 0, 0, w, ['窗口里没有人进群', 'nobody joined in the window']),
      M10: metric('M10', talk.length ? Math.round((talk.at(-1).at - talk[0].at) / DAY) : null, talk.length, null, null, none),
      M11: metric('M11', bp(core, counts.length), core, counts.length, null, none),
      M14: metric('M14', lastWeek ? lastWeek.ratio_bp : null, lastWeek?.messages ?? 0, ser.weeks[0]?.messages ?? 0, w, none),
    },
    findings,
    series: {
      ...ser,
      top: counts.slice(0, 20).map(([id, n]) => {
        const m = s.members.find((x) => x.id === id)
        return {
          member_id: id,
          name: m.name,
          kind: m.kind,
          messages: n,
          days: uniq(talk.filter((e) => e.who === id).map((e) => Math.floor((e.at + off) / DAY))),
          last_at: iso(m.last),
        }
      }),
    },
  }
}
