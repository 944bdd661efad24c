/* Only the parts of ECharts that are drawn with. */
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ComposeOption, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, MarkAreaComponentOption, MarkLineComponentOption, TooltipComponentOption } from 'echarts/components'
import type { Colors } from './colors'

use([BarChart, LineChart, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer])

export type Option = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | MarkAreaComponentOption | MarkLineComponentOption | TooltipComponentOption
>
export { init, type ECharts }

const reduced = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches

/* The one look of every chart: hairline grid, zero baseline, 12-px labels, no legend (lines are labelled directly). */
export function base(c: Colors): Option {
  const label = { color: c['text-3'], fontSize: 12, fontFamily: c.font }
  return {
    animation: !reduced(),
    animationDuration: 160,
    textStyle: { fontFamily: c.font, color: c['text-2'], fontSize: 12 },
    grid: { left: 4, right: 12, top: 24, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      axisLine: { lineStyle: { color: c.line } },
      axisTick: { show: false },
      axisLabel: { ...label, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      min: 0,
      splitNumber: 4,
      minInterval: 1,
      axisLabel: label,
      splitLine: { lineStyle: { color: c.grid } },
      nameTextStyle: { ...label, align: 'left' },
      nameGap: 10,
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: c.surface,
      borderColor: c['line-strong'],
      borderWidth: 1,
      padding: [8, 12],
      textStyle: { color: c.text, fontSize: 12, fontFamily: c.font },
      axisPointer: { type: 'line', lineStyle: { color: c['line-strong'] } },
    },
  }
}
