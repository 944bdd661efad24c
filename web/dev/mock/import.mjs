// Runs an import in small steps so that progress, cancelling and the stream can be seen.
import { rows } from './parse.mjs'
import { addEvent, iso, memberOf, newId, note } from './state.mjs'

export function startImport(s, u, group, body, who) {
  const imp = {
    id: newId(),
    group_id: group.id,
    group_name: group.name,
    filename: u.filename,
    format: u.format,
    state: 'running',
    bytes: u.bytes,
    bytes_done: 0,
    n_read: 0,
    n_imported: 0,
    n_duplicate: 0,
    n_skipped: 0,
    n_members_new: 0,
    n_truncated: 0,
    from: null,
    to: null,
    started_at: iso(Date.now()),
    finished_at: null,
    eta_s: null,
    error: null,
    problems: [],
    by: who.name,
  }
  s.imports.unshift(imp)
  const all = [...rows(u, body.map, body.date_order ?? u.date_order)]
  const known = new Set(group.events.map((e) => `${e.at}/${e.who}/${e.kind}`))
  const step = Math.max(1, Math.ceil(all.length / 12))
  let i = 0
  const timer = setInterval(() => {
    if (imp.state !== 'running') return clearInterval(timer)
    for (const r of all.slice(i, i + step)) take(r)
    i += step
    imp.bytes_done = Math.min(u.bytes, Math.round((u.bytes * i) / all.length))
    imp.eta_s = Math.max(0, Math.ceil(((all.length - i) / step) * 0.08))
    if (i >= all.length) finish()
    for (const send of s.streams) send('import', imp)
  }, 80)

  function take(r) {
    imp.n_read++
    if (r.bad) {
      imp.n_skipped++
      if (imp.problems.length < 100)
        imp.problems.push({
          line: r.line,
          code: r.bad,
          text_zh: '这一行不符合该格式。',
          text_en: 'The line does not fit the format.',
          excerpt: r.text.slice(0, 120),
        })
      return
    }
    const before = s.members.length
    const m = memberOf(s, group, r.who)
    if (s.members.length > before) imp.n_members_new++
    const key = `${r.at}/${m.id}/${r.kind}`
    if (known.has(key)) return void imp.n_duplicate++
    addEvent(s, group, r.at, r.who, r.kind)
    imp.n_imported++
  }
  function finish() {
    clearInterval(timer)
    group.events.sort((a, b) => a.at - b.at)
    imp.state = 'done'
    imp.finished_at = iso(Date.now())
    imp.eta_s = 0
    if (!group.events.length) return
    imp.from = iso(group.events[0].at)
    imp.to = iso(group.events.at(-1).at)
    const to = body.covers_to ? Date.parse(body.covers_to) : group.events.at(-1).at + 3600e3
    imp.n_truncated = s.members.filter((m) => m.group_id === group.id && m.truncated).length
    group.coverage = {
      from: iso(Math.floor((group.events[0].at + 288e5) / 864e5) * 864e5 - 288e5),
      to: iso(Math.max(to, Date.parse(group.coverage?.to ?? 0) || 0)),
      source: 'automatic',
    }
    note(s, who, 'import.done', 'group', group.id, group.name, { n_imported: imp.n_imported })
  }
  return imp
}
