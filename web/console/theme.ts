import { ref, watchEffect } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'

function stored(): Theme {
  try {
    const s = localStorage.getItem('qun.theme')
    return s === 'light' || s === 'dark' ? s : 'auto'
  } catch {
    return 'auto'
  }
}

export const theme = ref<Theme>(stored())
const system = window.matchMedia('(prefers-color-scheme: dark)')
const systemDark = ref(system.matches)
system.addEventListener('change', (e) => {
  systemDark.value = e.matches
})

export const isDark = (): boolean => theme.value === 'dark' || (theme.value === 'auto' && systemDark.value)

watchEffect(() => {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
  try {
    localStorage.setItem('qun.theme', theme.value)
  } catch {
    /* private mode */
  }
})

export function flipTheme(): void {
  theme.value = isDark() ? 'light' : 'dark'
}
