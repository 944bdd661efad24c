import { ref } from 'vue'

export type Lang = 'zh' | 'en'

function stored(): Lang {
  try {
    const s = localStorage.getItem('qun.lang')
    if (s === 'zh' || s === 'en') return s
    return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

export const lang = ref<Lang>(stored())
