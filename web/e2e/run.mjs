// Runs every spec with node's own runner, one after the other: they share two cores with a browser.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'

const here = new URL('.', import.meta.url)
mkdirSync(new URL('../test-results', here), { recursive: true })
const asked = process.argv.slice(2)
const specs = readdirSync(here).filter((f) => f.endsWith('.spec.mjs') && (!asked.length || asked.some((a) => f.includes(a))))
const child = spawn(process.execPath, ['--test', '--test-concurrency=1', ...specs.map((f) => new URL(f, here).pathname)], {
  stdio: 'inherit',
})
child.on('exit', (code) => process.exit(code ?? 1))
