import { me } from '../../session'

export const STEPS = ['you', 'space', 'group', 'import'] as const
export type Step = (typeof STEPS)[number]

interface Saved {
  step: Step
  group: string | null
  import: string | null
}

const key = (): string => `qun.setup.${me.value?.space.id ?? ''}`

/* Where the first run stands: what the server knows comes first, the rest is remembered here. */
export function resumeAt(): Saved {
  const start: Saved = { step: 'you', group: null, import: null }
  let s = start
  try {
    s = { ...start, ...(JSON.parse(localStorage.getItem(key()) ?? '{}') as Partial<Saved>) }
  } catch {
    /* unreadable: begin again */
  }
  if (me.value?.must_change_password) return { ...s, step: 'you' }
  return STEPS.includes(s.step) ? s : start
}

export function remember(s: Saved): void {
  try {
    localStorage.setItem(key(), JSON.stringify(s))
  } catch {
    /* private mode: the first run cannot be resumed after a reload */
  }
}

export function forget(): void {
  localStorage.removeItem(key())
  sessionStorage.removeItem('qun.once')
}
