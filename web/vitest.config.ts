import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url))

export default defineConfig({
  resolve: { alias: { '@': here('./console'), '@shared': here('./shared') } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
})
