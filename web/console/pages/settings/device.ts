const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, 'WeChat'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/* A user agent as a person would name the device; the whole text stays in the hover. */
export function deviceText(agent: string): string {
  const hit = (list: [RegExp, string][]): string | undefined => list.find(([re]) => re.test(agent))?.[1]
  return [hit(BROWSERS), hit(SYSTEMS)].filter(Boolean).join(' · ')
}
