import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// The script that other applications load: one file, one name, no modules. It goes beside what the first build has made.
export default defineConfig({
  resolve: { alias: { '@': at('./src') } },
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: at('./src/widget/script.ts'), formats: ['iife'], name: 'hubMessengerWidget', fileName: () => 'widget.js' },
  },
})
