/* Forms with unsaved words register here; the router and the window ask before leaving. */
const guards = new Set<() => boolean>()

export function guardLeave(unsaved: () => boolean): () => void {
  guards.add(unsaved)
  return () => guards.delete(unsaved)
}

export function hasUnsaved(): boolean {
  return [...guards].some((g) => g())
}

if (typeof window !== 'undefined') {
  window.addEventListener('beforeunload', (e) => {
    if (hasUnsaved()) e.preventDefault()
  })
}
