// Every page, both languages, light and dark, desktop, phone and 320 px at 130 % type: clean for axe, whole, quiet.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open, signIn } from './browser.mjs'
import { axeClean, bigEnough, nothingCut } from './checks.mjs'
import { OWN_PASSWORD, world } from './world.mjs'

let w
let browser
before(async () => {
  w = await world({ demo: true })
  browser = await launch()
})
after(async () => {
  await browser.close()
  w.close()
})

const PAGES = [
  'groups',
  'communities',
  'G',
  'G/members',
  'members',
  'imports',
  'imports/new',
  'reports',
  'reports/metrics',
  'team',
  'team/roles',
  'settings/account',
  'settings/sessions',
  'settings/spaces',
  'settings/keys',
  'settings/audit',
  'nowhere',
]
const LOOKS = [
  { view: 'desk', lang: 'zh', dark: false },
  { view: 'desk', lang: 'en', dark: true },
  { view: 'phone', lang: 'zh', dark: true },
  { view: 'phone', lang: 'en', dark: false },
  { view: 'tiny', lang: 'en', dark: false, big: true },
  { view: 'tiny', lang: 'zh', dark: false, big: true },
]
const only = process.env.QUN_LOOK

for (const look of LOOKS) {
  const name = `${look.view}-${look.lang}${look.dark ? '-dark' : ''}`
  if (only && only !== name) continue
  test(`pages ${name}`, async (t) => {
    const { page, noise, ctx } = await open(browser, { ...look, base: w.url })
    await page.goto('/console/login')
    await page.waitForSelector('form')
    await axeClean(page, 'login')
    await signIn(page, w.real ? OWN_PASSWORD : w.password)
    await page.waitForURL(/groups/)
    await page.evaluate(async (lang) => {
      const me = await (await fetch('/api/v1/me')).json()
      if (me.staff.lang !== lang)
        await fetch('/api/v1/me', {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf },
          body: JSON.stringify({ lang }),
        })
    }, look.lang)
    const group = await page.evaluate(
      async () => (await (await fetch('/api/v1/groups?limit=200')).json()).items.find((g) => g.coverage)?.id,
    )
    for (const p of PAGES) {
      const path = p.startsWith('G') ? `groups/${group}${p.slice(1)}` : p
      await t.test(path, async () => {
        await page.goto(`/console/${path}`)
        if (look.big)
          await page.evaluate(() => {
            document.documentElement.style.fontSize = '20.8px'
          })
        await page.waitForSelector('#main h1', { state: 'attached' })
        await page.waitForFunction(() => !document.querySelector('.ld'))
        await page.waitForTimeout(250)
        await page.screenshot({ path: `test-results/${name}-${p.replace(/\//g, '_')}.png`, fullPage: true })
        await nothingCut(page, path)
        await axeClean(page, path)
        if (look.view !== 'desk') await bigEnough(page, path)
      })
    }
    assert.deepEqual(noise, [], 'console errors')
    await ctx.close()
  })
}
