import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Writes what is not ASCII as escapes: the page around the script may be read in another encoding, and the script with it. */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue
      file.code = file.code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    }
  },
}

// The script that other applications load: one file, one name, no modules. It goes beside what the first build has made.
export default defineConfig({
  plugins: [ascii],
  resolve: { alias: { '@': at('./src') } },
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: at('./src/widget/script.ts'), formats: ['iife'], name: 'hubMessengerWidget', fileName: () => 'widget.js' },
  },
})
