// Everything without a mouse: sign in, skip to content, palette, menus, drawers, charts' tables.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './browser.mjs'
import { axeClean } from './checks.mjs'
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

const focused = (page) =>
  page.evaluate(
    () =>
      document.activeElement?.textContent?.trim().slice(0, 60) ||
      document.activeElement?.getAttribute('aria-label') ||
      document.activeElement?.tagName,
  )
async function tabTo(page, want, max = 60) {
  for (let i = 0; i < max; i++) {
    await page.keyboard.press('Tab')
    if (want.test(await focused(page))) return
  }
  assert.fail(`Tab never reached ${want}`)
}

test('a working day by keyboard', async () => {
  const { page, ctx, noise } = await open(browser, { base: w.url })
  await page.goto('/console/login')
  await page.locator('input[name=login]').focus()
  await page.keyboard.type('owner')
  await page.keyboard.press('Tab')
  await page.keyboard.type(w.real ? OWN_PASSWORD : w.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(/groups/)
  await page.locator('#main h1').waitFor()

  await page.keyboard.press('Tab')
  assert.match(await focused(page), /跳到正文/)
  await page.keyboard.press('Enter')

  await page.keyboard.press('Control+k')
  await page.locator('.pal [role=combobox]').waitFor()
  await page.waitForTimeout(300)
  await axeClean(page, 'palette')
  await page.screenshot({ path: 'test-results/keyboard-palette.png' })
  await page.keyboard.type('操作记录')
  await page.waitForTimeout(400)
  await page.keyboard.press('Enter')
  await page.waitForURL(/audit/)

  await page.keyboard.press('/')
  await page.locator('.pal [role=combobox]').waitFor()
  await page.waitForTimeout(200)
  await page.keyboard.type('群')
  await page.locator('#pal-list [role=option]').nth(1).waitFor()
  await page.waitForTimeout(500)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.waitForURL(/groups/)
  await page.locator('#main h1').waitFor()

  await page.keyboard.press('Control+k')
  await page.locator('.pal [role=combobox]').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.pal [role=combobox]').waitFor({ state: 'detached' })

  await page.goto('/console/groups')
  await page.locator('#main table').waitFor()
  await tabTo(page, /加群/)
  await page.keyboard.press('Enter')
  await page.getByLabel('群的名字').waitFor()
  await page.waitForTimeout(300)
  await page.keyboard.press('Escape')
  await page.getByLabel('群的名字').waitFor({ state: 'detached' })

  await tabTo(page, /要我处理/)
  await page.keyboard.press('Space')
  assert.equal(
    await page
      .getByRole('button', { name: /要我处理/ })
      .first()
      .getAttribute('aria-pressed'),
    'true',
  )
  assert.deepEqual(noise, [], 'console errors')
  await ctx.close()
})
