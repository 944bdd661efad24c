import type { Metric, MetricDef, Report } from '@shared/api/types'
import { api, call } from '@shared/api/client'

let defs: Promise<Map<string, MetricDef>> | null = null

/* The table of definitions changes only with the program: asked for once a page load. */
export function metricDefs(): Promise<Map<string, MetricDef>> {
  defs ??= call(api.GET('/api/v1/metrics')).then((r) => new Map(r.items.map((d) => [d.id, d])))
  defs.catch(() => {
    defs = null
  })
  return defs
}

const HEAD = ['M01', 'M05_D7', 'M05', 'M14', 'M10', 'M19', 'M68']

export function headline(r: Report, n = 4): [string, Metric][] {
  const picked = HEAD.filter((id) => r.metrics[id]).slice(0, n)
  return picked.map((id) => [id, r.metrics[id]!])
}

/* From partial data the server gives a lower bound and says so. */
export const isBound = (m: Metric): boolean => m.value != null && m.bound === 'min'
