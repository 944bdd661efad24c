import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref, type ShallowRef } from 'vue'

const ROW = 49
const ROW_PHONE = 89
const SPARE = 20

export interface Window<T> {
  shown: ComputedRef<T[]>
  above: ComputedRef<number>
  below: ComputedRef<number>
}

/* Which rows of a long list stand near the screen. Rows have one height, so the rest is two gaps. */
export function visible(top: number, height: number, row: number, n: number): { first: number; last: number } {
  const first = Math.max(0, Math.min(n, Math.floor(top / row)) - SPARE)
  return { first, last: Math.min(n, Math.ceil((Math.max(0, top) + height) / row) + SPARE) }
}

export function useWindow<T>(box: Ref<HTMLElement | undefined>, items: ShallowRef<T[]>): Window<T> {
  const top = ref(0)
  const height = ref(typeof window === 'undefined' ? 800 : window.innerHeight)
  const row = ref(ROW)
  let queued = 0

  function measure(): void {
    queued = 0
    top.value = -(box.value?.getBoundingClientRect().top ?? 0)
    height.value = window.innerHeight
    row.value = window.innerWidth <= 760 ? ROW_PHONE : ROW
  }
  const later = (): void => {
    queued ||= requestAnimationFrame(measure)
  }

  onMounted(() => {
    measure()
    window.addEventListener('scroll', later, { passive: true })
    window.addEventListener('resize', later)
  })
  onBeforeUnmount(() => {
    cancelAnimationFrame(queued)
    window.removeEventListener('scroll', later)
    window.removeEventListener('resize', later)
  })

  const span = computed(() => visible(top.value, height.value, row.value, items.value.length))
  return {
    shown: computed(() => items.value.slice(span.value.first, span.value.last)),
    above: computed(() => span.value.first * row.value),
    below: computed(() => (items.value.length - span.value.last) * row.value),
  }
}
