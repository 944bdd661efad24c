import { computed, onBeforeUnmount, reactive, ref, shallowRef, toRaw, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { asApiError, type ApiError } from '@shared/api/errors'
import { guardLeave } from './leave'

type Rules<T> = Partial<Record<keyof T & string, (v: T) => string | null>>

export interface Form<T extends object> {
  v: T
  rules: Record<string, string>
  busy: Ref<boolean>
  problem: ShallowRef<ApiError | null>
  dirty: ComputedRef<boolean>
  reset: (next?: T) => void
  submit: () => Promise<boolean>
}

/* What was typed stays whatever the server or the line does; a field's broken rule stands at the field. */
export function useForm<T extends object>(initial: T, save: (v: T) => Promise<void>, check: Rules<T> = {}): Form<T> {
  const v = reactive(structuredClone(initial)) as T
  const rules = reactive<Record<string, string>>({})
  const busy = ref(false)
  const problem = shallowRef<ApiError | null>(null)
  const clean = ref(JSON.stringify(initial))
  const dirty = computed(() => JSON.stringify(v) !== clean.value)

  function reset(next?: T): void {
    if (next) Object.assign(v, structuredClone(toRaw(next)))
    clean.value = JSON.stringify(v)
    problem.value = null
    for (const k of Object.keys(rules)) delete rules[k]
  }

  function valid(): boolean {
    for (const k of Object.keys(rules)) delete rules[k]
    for (const [field, rule] of Object.entries(check) as [string, (v: T) => string | null][]) {
      const broken = rule(v)
      if (broken) rules[field] = broken
    }
    return Object.keys(rules).length === 0
  }

  async function submit(): Promise<boolean> {
    if (busy.value || !valid()) return false
    busy.value = true
    problem.value = null
    try {
      await save(v)
      clean.value = JSON.stringify(v)
      return true
    } catch (e) {
      const err = asApiError(e)
      Object.assign(rules, err.fields)
      problem.value = err
      return false
    } finally {
      busy.value = false
    }
  }

  onBeforeUnmount(guardLeave(() => dirty.value && !busy.value))
  return { v, rules, busy, problem, dirty, reset, submit }
}

export const required =
  <T>(field: keyof T) =>
  (v: T): string | null =>
    String(v[field] ?? '').trim() ? null : 'required'
