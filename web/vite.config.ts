import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vite'

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url))
const server = process.env.QUN_DEV_SERVER ?? 'http://127.0.0.1:5190'

export default defineConfig({
  root: here('./console'),
  base: '/console/',
  plugins: [
    vue(),
    Components({
      dirs: [],
      dts: here('./shared/components.d.ts'),
      resolvers: [ElementPlusResolver({ importStyle: 'css', directives: false })],
    }),
  ],
  resolve: { alias: { '@': here('./console'), '@shared': here('./shared') } },
  define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
  // The server puts its own nonce where the marker stands, in the page and in its CSP header.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: here('./dist/console'),
    emptyOutDir: true,
    target: 'es2020',
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': server } },
})
