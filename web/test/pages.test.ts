import { describe, expect, it } from 'vitest'
import { problemOf } from '@shared/api/errors'
import { heatFacts, heatLevel, trend, uncovered, weekMean } from '@/pages/group/series'
import { bucketOf, sortGroups, verdictOf } from '@/pages/groups/state'
import { checkOptions, proposal } from '@/pages/imports/options'
import { visible } from '@/pages/members/window'
import type { Group, Upload } from '@shared/api/types'

const group = (over: Partial<Group>): Group => ({
  id: '1',
  community_id: '1',
  community_name: 'c',
  name: 'g',
  carrier: 'wechat',
  archetype: null,
  quiet: false,
  state: 'active',
  created_at: '',
  n_present: 3,
  n_present_truncated: false,
  coverage: { from: '2026-01-01T00:00:00Z', to: new Date().toISOString(), source: 'automatic' },
  last_message_at: null,
  life: { state: 'alive', as_of: null },
  needs_me: 0,
  ...over,
})

describe('group states', () => {
  it('a group without data is unknown, never silent', () => {
    const g = group({ coverage: null, life: { state: 'no_data', as_of: null }, needs_me: 50 })
    expect(bucketOf(g)).toBe('no_data')
    expect(verdictOf(g)).toMatchObject({ key: 'never', tone: '' })
  })
  it('what was judged long ago says nothing about now', () => {
    const g = group({
      coverage: { from: '2009-01-01T00:00:00Z', to: '2013-01-01T00:00:00Z', source: 'automatic' },
      life: { state: 'dead', as_of: null },
    })
    expect(bucketOf(g)).toBe('no_data')
    expect(verdictOf(g)).toMatchObject({ key: 'dead_then', tone: '' })
  })
  it('a quiet selling group alive by orders is normal', () => {
    expect(verdictOf(group({ quiet: true }))).toMatchObject({ key: 'quiet', tone: 'good' })
  })
  it('silent with full data needs a person; closed never does', () => {
    expect(verdictOf(group({ life: { state: 'dead', as_of: null } })).key).toBe('dead')
    expect(bucketOf(group({ life: { state: 'dead', as_of: null }, state: 'closed' }))).toBe('closed')
  })
  it('sorts by need, then by number in the name', () => {
    const names = sortGroups([group({ name: '群 12' }), group({ name: '群 9' }), group({ name: '群 1', needs_me: 2 })], 'needs').map(
      (g) => g.name,
    )
    expect(names).toEqual(['群 1', '群 9', '群 12'])
  })
})

const day = (n: number, speakers: number, covered = true) => ({
  day: `2026-01-${String(n).padStart(2, '0')}`,
  messages: speakers * 2,
  speakers,
  joins: 0,
  leaves: 0,
  new_speakers: 0,
  covered,
})

describe('series', () => {
  it('finds the runs nobody exported', () => {
    expect(uncovered([day(1, 1), day(2, 0, false), day(3, 0, false), day(4, 1), day(5, 0, false)])).toEqual([
      { from: '2026-01-02', to: '2026-01-03', n: 2 },
      { from: '2026-01-05', to: '2026-01-05', n: 1 },
    ])
  })
  it('means use covered days only and say nothing from fewer than four', () => {
    const days = [day(1, 2), day(2, 4), day(3, 0, false), day(4, 6), day(5, 8)]
    expect(weekMean(days, (d) => d.speakers)).toEqual([null, null, null, null, 5])
  })
  it('a trend wants a week of data', () => {
    expect(
      trend(
        Array.from({ length: 6 }, (_, i) => day(i + 1, 3)),
        (d) => d.speakers,
      ),
    ).toBeNull()
    expect(
      trend(
        Array.from({ length: 10 }, (_, i) => day(i + 1, 3)),
        (d) => d.speakers,
      ),
    ).toMatchObject({ now: 3, before: null, n_now: 10 })
  })
  it('heat counts the three usual peaks and the best two hours', () => {
    const heat = Array.from({ length: 7 }, () => Array<number>(24).fill(0))
    heat[0]![8] = 3
    heat[2]![20] = 4
    heat[2]![21] = 5
    expect(heatFacts(heat)).toMatchObject({ total: 12, max: 5, peak: 8, best: { from: 20, n: 9 } })
    expect([heatLevel(0, 5), heatLevel(1, 5), heatLevel(5, 5), heatLevel(0, 0)]).toEqual([0, 1, 5, 0])
  })
})

describe('imports', () => {
  const up: Upload = {
    id: '1',
    filename: 'chat.csv',
    bytes: 10,
    format: 'csv',
    confidence: 80,
    charset: 'utf-8',
    problems: [],
    columns: ['ts', 'nick'],
    sample: [],
    map: { columns: { time: 'ts', sender: null } },
    date_order: null,
  }
  it('asks for what it cannot know', () => {
    const o = proposal(up, '', 'Asia/Shanghai')
    expect(o).toMatchObject({ target: 'new', group_name: 'chat', map: { time: 'ts' } })
    expect(checkOptions(o, up)).toEqual({ 'map.sender': 'required', date_order: 'required' })
    expect(checkOptions({ ...o, map: { time: 'ts', sender: 'nick' }, date_order: 'dmy' }, up)).toEqual({})
  })
})

describe('problems', () => {
  it('keeps code, fields and waiting time; a broken body still has a code', () => {
    const p = problemOf(422, { code: 'invalid', title: 'x', errors: [{ field: 'name', rule: 'required' }] }, '30')
    expect(p).toMatchObject({ status: 422, code: 'invalid', fields: { name: 'required' }, retryAfter: 30 })
    expect(problemOf(503, undefined, null).code).toBe('busy')
  })
})

describe('long lists', () => {
  it('draws only what stands near the screen', () => {
    expect(visible(0, 900, 50, 100_000)).toEqual({ first: 0, last: 38 })
    expect(visible(2_500_000, 900, 50, 100_000)).toEqual({ first: 49_980, last: 50_038 })
    expect(visible(-300, 900, 50, 5)).toEqual({ first: 0, last: 5 })
  })
})
