import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** Where `npm run dev` sends what is no page. */
const service = process.env['SERVICE_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': at('./src') } },
  define: {
    // Messages are compiled without `eval`, which the content security policy forbids.
    __INTLIFY_JIT_COMPILATION__: true,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  server: { proxy: { '/api': service, '/openapi.json': service, '/asyncapi.json': service, '/docs': service } },
  build: {
    target: 'es2022',
    manifest: true,
    // Nothing is written into the pages or style sheets as data: the content security policy stays simple.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: at('./index.html'), sso: at('./sso.html'), widget: at('./widget.html') },
    },
  },
  // A slow machine is no fault of what is tested.
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], testTimeout: 60_000 },
})
