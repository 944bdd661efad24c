// Where the tests run: a real server named by the environment, or a fresh mock.
import { startMock } from '../dev/mock/server.mjs'

const real = process.env.QUN_BASE_URL

export async function world({ demo }) {
  if (real) return { url: real.replace(/\/$/, ''), password: process.env.QUN_OWNER_PASSWORD ?? '', real: true, close: () => undefined }
  return { ...(await startMock({ demo })), real: false }
}

/* Passwords the tests set; a second run against the same real server signs in with it. */
export const OWN_PASSWORD = process.env.QUN_OWN_PASSWORD ?? 'lotus-bridge-47-tea'

/* A small made-up chat in the layout of a WhatsApp export. */
export function chatText(days = 40, from = Date.UTC(2026, 2, 1)) {
  const names = ['阿May', '王姐', '小李', '陈师傅', '李姐', 'Momo', 'Vivian']
  const lines = []
  for (let d = 0; d < days; d++)
    for (let i = 0; i < 6 + (d % 5); i++) {
      const t = new Date(from + d * 86400e3)
      const hour = [8, 9, 12, 13, 19, 20, 21, 21, 22][(d + i * 2) % 9]
      const day = `${t.getUTCDate().toString().padStart(2, '0')}/${(t.getUTCMonth() + 1).toString().padStart(2, '0')}/${t.getUTCFullYear()}`
      lines.push(
        `${day}, ${String(hour).padStart(2, '0')}:${String((i * 7) % 60).padStart(2, '0')} - ${names[(d * 3 + i) % names.length]}: 早上好 ${d}-${i}`,
      )
    }
  return `${lines.join('\n')}\n`
}
