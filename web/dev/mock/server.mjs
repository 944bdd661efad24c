// node:http around the routes: sessions by cookie, CSRF, problem+json, the stream, and the built pages under a strict CSP.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { routes } from './routes.mjs'
import { meOf, Refuse } from './shapes.mjs'
import { makeState, newId } from './state.mjs'

const DIST = fileURLToPath(new URL('../../dist/console', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

const json = (res, status, body) => {
  res.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json' })
  res.end(body === undefined ? '' : JSON.stringify(body))
}
const problem = (res, status, code, title, errors = []) =>
  json(res, status, { type: 'about:blank', title, status, code, detail: null, errors })
const compiled = routes.map(([method, path, run]) => ({
  method,
  run,
  re: new RegExp(`^/api/v1${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}))

function page(res) {
  const nonce = randomBytes(12).toString('base64')
  res.writeHead(200, {
    'Content-Type': TYPES['.html'],
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  })
  res.end(readFileSync(join(DIST, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce))
}
function asset(res, path) {
  const file = normalize(join(DIST, path))
  if (!file.startsWith(DIST) || !extname(file) || !existsSync(file)) return page(res)
  res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'max-age=31536000, immutable' })
  res.end(readFileSync(file))
}
async function bodyOf(req) {
  const parts = []
  for await (const p of req) parts.push(p)
  return Buffer.concat(parts)
}
function signIn(s, res, b, ua) {
  const who = s.staff.find((x) => x.login === b.login && x.state === 'active')
  if (!who || b.password !== (who.password ?? s.password)) throw new Refuse(401, 'bad_login', '账号或密码不对。')
  const token = `main.${randomBytes(16).toString('hex')}`
  const ses = { id: newId(), who: who.id, csrf: randomBytes(16).toString('hex'), at: Date.now(), ua }
  s.sessions.set(token, ses)
  res.setHeader('Set-Cookie', `qun_session=${token}; HttpOnly; SameSite=Lax; Path=/`)
  json(res, 201, meOf(s, who, ses.csrf))
}
function stream(s, req, res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  res.write(': hello\n\n')
  const send = (event, data) => res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  s.streams.add(send)
  req.on('close', () => s.streams.delete(send))
}

async function api(s, req, res, url) {
  const raw = req.method === 'GET' ? Buffer.alloc(0) : await bodyOf(req)
  const isJson = (req.headers['content-type'] ?? '').startsWith('application/json')
  const b = isJson && raw.length ? JSON.parse(raw) : {}
  if (url.pathname === '/api/v1/session' && req.method === 'POST') return signIn(s, res, b, req.headers['user-agent'])
  const token = /qun_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
  const ses = s.sessions.get(token)
  const who = ses && s.staff.find((x) => x.id === ses.who)
  if (!who) throw new Refuse(401, 'unauthenticated', '请先登录。')
  if (req.method !== 'GET' && req.headers['x-csrf-token'] !== ses.csrf) throw new Refuse(403, 'csrf', '页面已过期，请刷新后再试。')
  if (url.pathname === '/api/v1/stream') return stream(s, req, res)
  if (req.method === 'DELETE' && /^\/api\/v1\/sessions?$/.test(url.pathname)) {
    if (url.pathname.endsWith('s')) s.sessions.clear()
    else s.sessions.delete(token)
    return json(res, 204)
  }
  for (const r of compiled) {
    const m = r.method === req.method && r.re.exec(url.pathname)
    if (!m) continue
    if (who.must_change && !/\/me/.test(url.pathname)) throw new Refuse(403, 'must_change_password', '请先设置自己的密码。')
    const out = r.run({ s, who, ses, p: m.groups ?? {}, q: url.searchParams, b, raw })
    if (out.file) {
      res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Disposition': `attachment; filename="${out.file}"` })
      return res.end(out.text)
    }
    return Array.isArray(out) ? json(res, out[0], out[1]) : json(res, 200, out)
  }
  throw new Refuse(404, 'not_found', '没有找到，可能已被删除。')
}

export function startMock({ demo = false, port = 0, password = 'once-owner-password', slow = 0 } = {}) {
  const s = makeState({ demo, password })
  const server = createServer((req, res) => {
    const url = new URL(req.url, 'http://mock')
    if (url.pathname.startsWith('/api/')) {
      const go = () =>
        api(s, req, res, url).catch((e) =>
          e instanceof Refuse
            ? problem(res, e.status, e.code, e.message, e.fields)
            : (console.error(e), problem(res, 500, 'internal', '程序出错了，已记录。')),
        )
      if (slow) setTimeout(go, slow)
      else void go()
    } else if (url.pathname.startsWith('/console/')) asset(res, url.pathname.slice('/console'.length))
    else res.writeHead(302, { Location: '/console/' }).end()
  })
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        password,
        state: s,
        close: () => {
          server.closeAllConnections()
          server.close()
        },
      }),
    ),
  )
}
