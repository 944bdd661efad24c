// What must hold on every page: axe finds nothing, nothing is cut off, nothing runs over the edge.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function axeClean(page, where) {
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const r = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    return r.violations.map(
      (v) =>
        `${v.id}: ${v.help} → ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    )
  })
  assert.deepEqual(found, [], `axe on ${where}`)
}

/* Text that its own box cuts without an ellipsis, and anything that makes the page scroll sideways. */
export async function nothingCut(page, where) {
  const found = await page.evaluate(() => {
    const out = []
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth > width) out.push(`page is ${document.documentElement.scrollWidth} wide in ${width}`)
    const scrolls = (el) => {
      for (let p = el; p && p !== document.body; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX)) return true
      return false
    }
    const clipped = (el) => {
      for (let p = el; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).clipPath !== 'none') return true
      return false
    }
    for (const el of document.querySelectorAll('h1,h2,h3,p,a,button,label,td,th,dt,dd,li,span')) {
      if (
        !el.checkVisibility?.() ||
        el.closest('.vh, [aria-hidden=true], .el-popper') ||
        clipped(el) ||
        ![...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
      )
        continue
      const box = el.getBoundingClientRect()
      if (!box.width || box.width < 3) continue
      const css = getComputedStyle(el)
      if (css.textOverflow === 'ellipsis') continue
      if (/hidden|clip/.test(css.overflowX) && el.scrollWidth > el.clientWidth + 1) out.push(`cut: ${el.textContent.trim().slice(0, 40)}`)
      if (box.right > width + 1 && !scrolls(el)) out.push(`over the edge: ${el.textContent.trim().slice(0, 40)}`)
    }
    return out.slice(0, 8)
  })
  assert.deepEqual(found, [], `cut text on ${where}`)
}

export async function bigEnough(page, where) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('.tabs a, .tabs button, .top button, .btn-1')]
      .filter((el) => el.checkVisibility?.() && el.getBoundingClientRect().height > 0 && el.getBoundingClientRect().height < 44)
      .map((el) => `${el.textContent.trim()} ${Math.round(el.getBoundingClientRect().height)}`),
  )
  assert.deepEqual(small, [], `targets under 44 px on ${where}`)
}
