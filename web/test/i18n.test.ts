import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '@shared/i18n/locales/en'
import zh from '@shared/i18n/locales/zh'
import * as lists from '@shared/api/types'

const ROOT = join(__dirname, '..')

type Words = { [k: string]: string | Words }

function flat(words: Words, path = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [k, v] of Object.entries(words)) {
    if (typeof v === 'string') out.set(path + k, v)
    else for (const [k2, v2] of flat(v, `${path}${k}.`)) out.set(k2, v2)
  }
  return out
}

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((f) => {
    const p = join(dir, f)
    if (statSync(p).isDirectory()) return f === 'locales' ? [] : sources(p)
    return /\.(vue|ts)$/.test(f) && !f.endsWith('.d.ts') ? [p] : []
  })
}

const files = [join(ROOT, 'console'), join(ROOT, 'shared')].flatMap(sources)
const code = files.map((f) => ({ name: relative(ROOT, f), text: readFileSync(f, 'utf8') }))
const zhKeys = flat(zh as Words)
const enKeys = flat(en as Words)
const holes = (s: string): string[] => [...new Set([...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!))].sort()

describe('words', () => {
  it('both languages have the same keys', () => {
    expect([...enKeys.keys()].filter((k) => !zhKeys.has(k))).toEqual([])
    expect([...zhKeys.keys()].filter((k) => !enKeys.has(k))).toEqual([])
  })

  it('no word is empty, and both languages fill the same holes', () => {
    for (const [k, v] of zhKeys) {
      expect(v.length, k).toBeGreaterThan(0)
      expect(holes(enKeys.get(k)!), k).toEqual(holes(v))
    }
  })

  it('English holds no Chinese, apart from the name of the language', () => {
    const han = /\p{Script=Han}/u
    expect([...enKeys].filter(([k, v]) => han.test(v) && !['lang.zh', 'shell.lang_to', 'shell.lang_sign'].includes(k))).toEqual([])
  })

  it('no exclamation marks', () => {
    expect([...zhKeys, ...enKeys].filter(([, v]) => /[!！]/.test(v))).toEqual([])
  })
})

describe('code', () => {
  it('has no hard-coded Chinese outside comments', () => {
    const bad = code.filter(({ text }) => /\p{Script=Han}/u.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|<!--[\s\S]*?-->/g, '')))
    expect(bad.map((f) => f.name)).toEqual([])
  })

  it('every key it names is there', () => {
    const missing: string[] = []
    for (const { name, text } of code) {
      for (const m of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) if (!zhKeys.has(m[1]!)) missing.push(`${name}: ${m[1]}`)
      for (const m of text.matchAll(/\bt\([^()'`]*\? '([\w.]+)' : '([\w.]+)'/g))
        for (const k of [m[1]!, m[2]!]) if (!zhKeys.has(k)) missing.push(`${name}: ${k}`)
      for (const m of text.matchAll(/\bt\(\s*`([\w.]+)\.\$\{/g))
        if (![...zhKeys.keys()].some((k) => k.startsWith(`${m[1]}.`))) missing.push(`${name}: ${m[1]}.*`)
    }
    expect(missing).toEqual([])
  })

  it('every key is used somewhere', () => {
    const all = code.map((f) => f.text).join('\n')
    const exact = new Set([...all.matchAll(/'([\w]+(?:\.[\w]+)+)'/g)].map((m) => m[1]!))
    const made = [...all.matchAll(/`((?:[\w.]|\$\{(?:[^`{}]|\$\{[^}]*\})*\})+)`/g)]
      .map((m) => m[1]!)
      .filter((s) => /^\w+\.[\w.]*\$\{/.test(s))
      .map(
        (s) =>
          new RegExp(
            `^${s
              .replace(/\$\{[^}]*\}/g, '\u0000')
              .replace(/\./g, '\\.')
              .replaceAll('\u0000', '[\\w.]+')}$`,
          ),
      )
    const unused = [...zhKeys.keys()].filter((k) => !exact.has(k) && !made.some((re) => re.test(k)))
    expect(unused).toEqual([])
  })

  it('every value of a closed list has its word', () => {
    const wanted = {
      carrier: lists.CARRIERS,
      archetype: lists.ARCHETYPES,
      kind: lists.KINDS,
      'imports.format': lists.FORMATS,
      resource: lists.RESOURCES,
      level: lists.LEVELS,
      member_role: lists.MEMBER_ROLES,
      source: ['automatic', 'entered', 'estimated'],
      'imports.state': ['queued', 'running', 'done', 'failed', 'cancelled'],
      'finding.severity': ['good', 'info', 'watch', 'bad'],
    }
    for (const [prefix, values] of Object.entries(wanted))
      for (const v of values) expect(zhKeys.has(`${prefix}.${v}`), `${prefix}.${v}`).toBe(true)
  })
})
