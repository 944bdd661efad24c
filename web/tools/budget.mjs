// Fails the build when the first load (entry, its static imports and styles) is over the budget.
import { readFileSync, rmSync, existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 400 * 1024
const dist = new URL('../dist/console/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'))
const seen = new Set()
const files = new Set(['index.html'])

function visit(key) {
  if (seen.has(key)) return
  seen.add(key)
  const chunk = manifest[key]
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) visit(next)
}

const entry = Object.keys(manifest).find((k) => manifest[k].isEntry)
visit(entry)
// The heaviest first page is the group list behind the shell with its language.
for (const k of Object.keys(manifest)) if (/shell\/Shell|groups\/GroupsPage|locales\/zh/.test(k)) visit(k)
const size = [...files].reduce((sum, f) => sum + gzipSync(readFileSync(new URL(f, dist))).length, 0)
console.log(`first load: ${(size / 1024).toFixed(1)} KB compressed in ${files.size} files (budget ${BUDGET / 1024} KB)`)
if (existsSync(new URL('manifest.json', dist))) rmSync(new URL('manifest.json', dist))
if (!readFileSync(new URL('index.html', dist), 'utf8').includes('__CSP_NONCE__')) {
  console.error('index.html has lost its nonce marker')
  process.exit(1)
}
if (size > BUDGET) process.exit(1)
