import { send } from '@/api/client'
import { adminUrl } from './api'

/** The address of a whole list as CSV: the filters that are set, and no page. */
export const csvUrl = (parts: readonly string[], filters: Record<string, string>): string =>
  adminUrl(parts, { ...filters, format: 'csv' })

const two = (number: number): string => String(number).padStart(2, '0')

/** What the file is called: `messenger-people-2026-01-31-0905.csv`. */
export function csvName(list: string, now: Date): string {
  const day = [String(now.getFullYear()), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `messenger-${list}-${day}-${two(now.getHours())}${two(now.getMinutes())}.csv`
}

/** Loads a whole list. `progress` hears how many bytes there are; how many there will be nobody knows beforehand. */
export async function loadCsv(
  parts: readonly string[],
  filters: Record<string, string>,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const response = await send(new Request(csvUrl(parts, filters), { headers: { Accept: 'text/csv' }, signal }))
  const chunks: Uint8Array<ArrayBuffer>[] = []
  const reader = response.body?.getReader()
  let bytes = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    chunks.push(part.value)
    bytes += part.value.byteLength
    progress(bytes)
  }
  return new Blob(chunks, { type: 'text/csv;charset=utf-8' })
}

/** Hands a file to the browser. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // Some browsers read it only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
