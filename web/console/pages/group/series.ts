import type { Schemas } from '@shared/api/types'

type Day = Schemas['DailyRow']

export interface Band {
  from: string
  to: string
  n: number
}

/* Runs of days no source covers. */
export function uncovered(days: Day[]): Band[] {
  const bands: Band[] = []
  for (const [i, d] of days.entries()) {
    if (d.covered) continue
    const last = bands[bands.length - 1]
    if (last && i > 0 && !days[i - 1]!.covered) {
      last.to = d.day
      last.n++
    } else bands.push({ from: d.day, to: d.day, n: 1 })
  }
  return bands
}

/* Mean over the covered days of each trailing week; null with fewer than four of them. */
export function weekMean(days: Day[], of: (d: Day) => number): (number | null)[] {
  return days.map((d, i) => {
    if (!d.covered) return null
    const seen = days.slice(Math.max(0, i - 6), i + 1).filter((x) => x.covered)
    return seen.length < 4 ? null : seen.reduce((s, x) => s + of(x), 0) / seen.length
  })
}

export interface Trend {
  now: number
  before: number | null
  n_now: number
  n_before: number
}

/* Daily mean of the last 28 days against the 28 before them, covered days only; a before of under 21 covered days is none. */
export function trend(days: Day[], of: (d: Day) => number): Trend | null {
  const mean = (part: Day[]): number => part.reduce((s, d) => s + of(d), 0) / part.length
  const now = days.slice(-28).filter((d) => d.covered)
  const before = days.slice(-56, -28).filter((d) => d.covered)
  if (now.length < 7) return null
  return { now: mean(now), before: before.length >= 21 ? mean(before) : null, n_now: now.length, n_before: before.length }
}

export const PEAKS: readonly (readonly [number, number])[] = [
  [8, 10],
  [12, 14],
  [21, 23],
]

export interface HeatFacts {
  total: number
  max: number
  peak: number
  best: { from: number; n: number }
}

export function heatFacts(heat: number[][]): HeatFacts {
  const byHour = Array.from({ length: 24 }, (_, h) => heat.reduce((s, row) => s + (row[h] ?? 0), 0))
  const total = byHour.reduce((a, b) => a + b, 0)
  const max = Math.max(0, ...heat.flat())
  const peak = PEAKS.reduce((s, [a, b]) => s + byHour.slice(a, b).reduce((x, y) => x + y, 0), 0)
  let best = { from: 0, n: -1 }
  for (let h = 0; h < 23; h++) {
    const n = byHour[h]! + byHour[h + 1]!
    if (n > best.n) best = { from: h, n }
  }
  return { total, max, peak, best }
}

/* 0 is "nothing happened"; 1–5 by share of the busiest cell. */
export function heatLevel(n: number, max: number): number {
  return n === 0 || max === 0 ? 0 : Math.min(5, Math.ceil((n * 5) / max))
}
