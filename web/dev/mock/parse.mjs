// Just enough of three export layouts to drive the pages.
const WA = /^\[?(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4}),? (\d{1,2}):(\d{2})(?::\d{2})?\]?(?: -)? ([^:]+): (.*)$/
const IRC = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::\d{2})?\s+<([^>]+)> (.*)$/

export function detect(name, buf) {
  const text = new TextDecoder('utf-8').decode(buf)
  const lines = text.split(/\r?\n/).filter((l) => l.trim())
  const head = lines.slice(0, 20)
  const base = { charset: 'utf-8', problems: [], columns: null, sample: null, map: null, date_order: 'ymd', text }
  if (/\.csv$/i.test(name)) {
    const columns = (lines[0] ?? '').split(',')
    const guess = (words) => columns.find((c) => words.some((w) => c.toLowerCase().includes(w))) ?? null
    const ambiguous = /^\d{1,2}\/\d{1,2}\/\d{4}/.test(lines[1] ?? '')
    return {
      ...base,
      format: 'csv',
      confidence: 80,
      columns,
      sample: lines.slice(1, 6).map((l) => l.split(',')),
      map: {
        columns: {
          time: guess(['time', '时间', 'date', 'ts']),
          sender: guess(['sender', 'nick', '发送', '昵称', 'name']),
          text: guess(['text', '内容', 'message']),
          type: guess(['type', '类型']),
        },
      },
      date_order: ambiguous ? null : 'ymd',
    }
  }
  if (head.some((l) => IRC.test(l))) return { ...base, format: 'irc', confidence: 95 }
  if (head.some((l) => WA.test(l))) return { ...base, format: 'whatsapp', confidence: 92, date_order: orderOf(lines) }
  return { ...base, format: null, confidence: 0, problems: [{ code: 'format_unknown', sentence: '认不出文件格式，请指定格式。' }] }
}

export function* rows(u, map, order) {
  const lines = u.text.split(/\r?\n/)
  const cols = u.columns ?? []
  const col = (k) => cols.indexOf(map?.columns[k] ?? u.map?.columns[k] ?? '')
  for (const [i, line] of lines.entries()) {
    if (!line.trim() || (u.format === 'csv' && i === 0)) continue
    if (u.format === 'csv') {
      const c = line.split(',')
      const t = parseTime(c[col('time')], order)
      yield t && c[col('sender')]
        ? { line: i + 1, at: t, who: c[col('sender')], kind: c[col('type')] === 'join' ? 'join' : 'message' }
        : { line: i + 1, bad: 'time_bad', text: line }
      continue
    }
    const m = (u.format === 'irc' ? IRC : WA).exec(line)
    const at = m && parseTime(`${m[1]}/${m[2]}/${m[3]} ${m[4]}:${m[5]}`, order)
    yield at ? { line: i + 1, at, who: m[6].trim(), kind: 'message' } : { line: i + 1, bad: 'line_unknown', text: line }
  }
}

// A day over 12 settles the order; without one it has to be asked for.
function orderOf(lines) {
  const heads = lines.map((l) => WA.exec(l)).filter(Boolean)
  if (heads.some((m) => m[1].length === 4)) return 'ymd'
  if (heads.some((m) => +m[1] > 12)) return 'dmy'
  return heads.some((m) => +m[2] > 12) ? 'mdy' : null
}

function parseTime(s, order) {
  if (!s) return null
  const m = /^(\d{1,4})[/-](\d{1,2})[/-](\d{1,4})(?:[T ](\d{1,2}):(\d{2}))?/.exec(s)
  if (!m) return null
  const [y, mo, d] = m[1].length === 4 ? [m[1], m[2], m[3]] : order === 'mdy' ? [m[3], m[1], m[2]] : [m[3], m[2], m[1]]
  return Date.UTC(+y, +mo - 1, +d, +(m[4] ?? 0) - 8, +(m[5] ?? 0))
}
