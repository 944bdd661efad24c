import { startMock } from './server.mjs'

const demo = !process.argv.includes('--fresh')
const m = await startMock({ demo, port: Number(process.env.PORT ?? 5190) })
console.log(`${m.url}/console/  login: owner  password: ${m.password}${demo ? '' : '  (first run)'}`)
