// Writes a .br and a .gz beside everything in dist that gains by it, so that the service compresses nothing itself.
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url).pathname
const worth = /\.(?:js|css|html|svg|json|webmanifest)$/
const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

for (const entry of await readdir(dist, { recursive: true })) {
  const path = join(dist, entry)
  if (!worth.test(entry) || entry.startsWith('.vite') || !(await stat(path)).isFile()) continue
  const bytes = await readFile(path)
  const packed = {
    br: await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
    gz: await zip(bytes, { level: constants.Z_BEST_COMPRESSION }),
  }
  for (const [kind, smaller] of Object.entries(packed)) {
    if (smaller.length < bytes.length) await writeFile(`${path}.${kind}`, smaller)
  }
}
