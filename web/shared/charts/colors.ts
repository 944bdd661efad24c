import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

const NAMES = [
  'text',
  'text-2',
  'text-3',
  'line',
  'line-strong',
  'surface',
  'sunken',
  'grid',
  'peak',
  'c0',
  'c1',
  'c2',
  'c3',
  'c4',
  'h0',
  'h1',
  'font',
] as const
export type Colors = Record<(typeof NAMES)[number], string>

function read(): Colors {
  const css = getComputedStyle(document.documentElement)
  return Object.fromEntries(NAMES.map((n) => [n, css.getPropertyValue(`--${n}`).trim()])) as Colors
}

/* The tokens as values, because a canvas cannot read CSS variables; follows light and dark. */
export function useColors(): ShallowRef<Colors> {
  const colors = shallowRef(read())
  const again = (): void => {
    colors.value = read()
  }
  const watcher = new MutationObserver(again)
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', again)
  onScopeDispose(() => {
    watcher.disconnect()
    system.removeEventListener('change', again)
  })
  return colors
}
