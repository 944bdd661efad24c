import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  act: string
  danger?: boolean
  /* the exact words a person must type before the act is possible */
  typed?: string
}

export const question = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

export function ask(q: Question): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...q,
      answer: (yes) => {
        question.value = null
        resolve(yes)
      },
    }
  })
}
