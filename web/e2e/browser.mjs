// One Chromium for the tests; keeps console errors and CSP refusals of every page.
import { chromium } from 'playwright-core'

export const VIEWS = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 }, tiny: { width: 320, height: 640 } }

export const launch = () =>
  chromium.launch({
    executablePath: process.env.QUN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export async function open(browser, { view = 'desk', lang = 'zh', dark = false, base }) {
  const ctx = await browser.newContext({
    viewport: VIEWS[view],
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    baseURL: base,
    hasTouch: view !== 'desk',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  await ctx.addInitScript((l) => {
    try {
      localStorage.setItem('qun.lang', localStorage.getItem('qun.lang') ?? l)
    } catch {
      /* no storage */
    }
  }, lang)
  const page = await ctx.newPage()
  const noise = []
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) noise.push(m.text())
  })
  page.on('pageerror', (e) => noise.push(String(e)))
  page.setDefaultTimeout(15000)
  return { ctx, page, noise }
}

export async function signIn(page, password, login = 'owner') {
  await page.goto('/console/login')
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('form button[type=submit]').click()
}
