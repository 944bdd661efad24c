// The newcomer's way: one-time password → own name and password → space → group → import → overview → report.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { launch, open, signIn } from './browser.mjs'
import { axeClean, nothingCut } from './checks.mjs'
import { chatText, OWN_PASSWORD, world } from './world.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const WORDS = {
  zh: { next: '下一步', start: '开始导入', report: '报告', html: '网页（可打印）', text: '纯文本', json: 'JSON 数据', people: '人数' },
  en: {
    next: 'Next',
    start: 'Start the import',
    report: 'Report',
    html: 'Web page (printable)',
    text: 'Plain text',
    json: 'JSON data',
    people: 'People',
  },
}

for (const [view, lang] of [
  ['desk', 'zh'],
  ['phone', 'en'],
  ['phone', 'zh'],
  ['desk', 'en'],
]) {
  test(`first run ${view} ${lang}`, async (t) => {
    const w = await world({ demo: false })
    t.after(() => w.close())
    if (w.real && `${view}${lang}` !== (process.env.QUN_JOURNEY ?? 'deskzh')) return t.skip('a real server has one first run')
    const say = WORDS[lang]
    const { page, noise, ctx } = await open(browser, { view, lang, base: w.url })
    const shot = async (name, whole = true) => {
      await page.waitForTimeout(250)
      await page.screenshot({ path: `test-results/journey-${view}-${lang}-${name}.png`, fullPage: true })
      if (!whole) return
      await nothingCut(page, name)
      await axeClean(page, name)
    }
    const next = () => page.getByRole('button', { name: say.next, exact: true }).click()

    await page.goto('/console/')
    await page.waitForURL(/login/)
    await shot('0-login')
    await signIn(page, w.password)
    await page.waitForURL(/setup/)
    await shot('1-you')

    await page.locator('input[name=name]').fill('林小美')
    await page.locator('input[name=new]').fill('short')
    await page.locator('input[name=again]').fill('short')
    await next()
    await page.locator('.fld .err').first().waitFor()
    await shot('1-you-wrong')
    await page.locator('input[name=new]').fill(OWN_PASSWORD)
    await page.locator('input[name=again]').fill(OWN_PASSWORD)
    await next()
    await page.locator('input[name=space]').waitFor()
    await page.locator('input[name=space]').fill('小美美食')
    await shot('2-space')
    await next()
    await page.locator('input[name=group]').fill('小美美食群 12')
    await shot('3-group')

    // A reload in the middle comes back to the same step.
    await page.reload()
    await page.locator('input[name=group]').fill('小美美食群 12')
    await next()
    await page.locator('input[type=file]').waitFor({ state: 'attached' })
    await shot('4-drop')
    await page.locator('input[type=file]').setInputFiles({ name: 'chat.txt', mimeType: 'text/plain', buffer: Buffer.from(chatText()) })
    await page.getByRole('button', { name: say.start }).waitFor()
    await shot('5-detected')
    const order = page.getByText(lang === 'zh' ? '日/月/年' : 'day/month/year')
    if (!(await order.count())) {
      const combo = page.getByRole('combobox', { name: lang === 'zh' ? '日期的写法' : 'Order of dates' })
      if (await combo.count()) {
        await combo.click()
        await page.getByRole('option', { name: lang === 'zh' ? '日/月/年' : 'day/month/year' }).click()
      }
    }
    await page.getByRole('button', { name: say.start }).click()
    // A fast server may be done before anybody sees the bar.
    await Promise.race([page.locator('[role=progressbar]').first().waitFor(), page.waitForURL(/groups\/\d+/)])
    await shot('6-progress', false)
    await page.waitForURL(/groups\/\d+/)
    await page.getByText(say.people, { exact: true }).first().waitFor()
    await shot('7-overview')

    for (const [what, ext] of [
      [say.html, 'html'],
      [say.json, 'json'],
      [say.text, 'txt'],
    ]) {
      await page.getByRole('button', { name: say.report, exact: true }).click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: what }).click()])
      const text = readFileSync(await file.path(), 'utf8')
      assert.ok(text.length > 10, `${ext} report is empty`)
      if (ext === 'json') assert.ok(JSON.parse(text).metrics, 'report JSON has metrics')
    }

    // The same file again: everything is a duplicate, and the sum says so.
    const group = /groups\/(\d+)/.exec(page.url())[1]
    await page.goto(`/console/imports/new?group=${group}`)
    await page.locator('input[type=file]').setInputFiles({ name: 'chat.txt', mimeType: 'text/plain', buffer: Buffer.from(chatText()) })
    await page.getByRole('button', { name: say.start }).click()
    await page.locator('.sum').waitFor()
    const [read, imported, duplicate, skipped] = (await page.locator('.sum b').allTextContents()).map((x) => Number(x.replace(/,/g, '')))
    assert.equal(read, imported + duplicate + skipped)
    assert.equal(imported, 0)
    assert.ok(duplicate > 200)
    await shot('8-again')
    assert.deepEqual(noise, [], 'console errors')
    await ctx.close()
  })
}
