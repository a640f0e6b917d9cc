// Fails when the chat needs too much script before it shows anything, or loads the admin panel with it.
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

/** Compressed with gzip, in bytes. */
const LIMIT = 200 * 1024
/** What is loaded first: the page's own script, and the parts of the chat that are split from it, in one language. */
const FIRST = /^(?:index\.html|src\/chat\/ChatPage\.vue|src\/i18n\/de\/(?:common|chat|session)\.ts)$/
const ADMIN = /^src\/admin\//

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'))

/** The chunks that a chunk loads before it runs, itself among them. */
function withImports(key, found = new Set()) {
  if (!found.has(key)) {
    found.add(key)
    for (const imported of manifest[key].imports ?? []) withImports(imported, found)
  }
  return found
}

const keys = Object.keys(manifest)
const needed = new Set()
for (const key of keys) {
  if (FIRST.test(key)) withImports(key, needed)
}

const sizes = []
for (const key of needed) {
  const { file } = manifest[key]
  if (file.endsWith('.js')) sizes.push([gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length, file])
}
sizes.sort(([a], [b]) => b - a)
const total = sizes.reduce((sum, [size]) => sum + size, 0)
const shown = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KiB`
for (const [size, file] of sizes) console.log(shown(size), file)
console.log(shown(total), `of ${LIMIT / 1024} KiB: script for the first load of the chat, compressed`)

const faults = []
if (total > LIMIT) faults.push('The first load of the chat is too large.')
const admin = keys.filter((key) => ADMIN.test(key))
if (admin.length === 0) faults.push('The admin panel is no part of its own: it is loaded with the chat.')
for (const key of admin) {
  if (needed.has(key)) faults.push(`${key} is loaded with the chat.`)
}
for (const fault of faults) console.error(fault)
process.exit(faults.length === 0 ? 0 : 1)
