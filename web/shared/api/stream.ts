/* Server-sent events on one topic; reconnects by itself. Returns the function that ends it. */
export function listen<T>(topic: string, onData: (data: T) => void, onLine?: (up: boolean) => void): () => void {
  const es = new EventSource(`/api/v1/stream?topics=${encodeURIComponent(topic)}`)
  es.addEventListener(topic, (e) => onData(JSON.parse((e as MessageEvent<string>).data) as T))
  es.onopen = () => onLine?.(true)
  es.onerror = () => onLine?.(false)
  return () => es.close()
}
