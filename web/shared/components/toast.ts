import { reactive } from 'vue'

export interface Toast {
  id: number
  text: string
  bad: boolean
}

export const toasts = reactive<Toast[]>([])
let last = 0

export function toast(text: string, bad = false): void {
  const id = ++last
  toasts.push({ id, text, bad })
  setTimeout(
    () => {
      const i = toasts.findIndex((x) => x.id === id)
      if (i >= 0) toasts.splice(i, 1)
    },
    bad ? 8000 : 3500,
  )
}
