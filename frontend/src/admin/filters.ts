import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** A filter of a list. Its value stands in the page's address under its key, and goes to the API under the same. */
export interface Filter {
  key: string
  /** `search` is the one that `/` focuses; `time` is an instant. */
  kind: 'search' | 'text' | 'choice' | 'time'
  /** What may be chosen; the words are at `${words}.${value}`. */
  options?: readonly string[]
  words?: string
  /** Only for those who see every tenant. */
  everyTenant?: boolean
}

/** What the admin API calls where a list goes on. It stands in the address, too, so that a page can be shared. */
export const CURSOR = 'cursor'

const first = (value: LocationQuery[string] | undefined): string => {
  const one = Array.isArray(value) ? value[0] : value
  return (one ?? '').trim()
}

function accepts(filter: Filter, value: string): boolean {
  if (value === '') return false
  if (filter.kind === 'choice') return filter.options?.includes(value) ?? false
  if (filter.kind === 'time') return !Number.isNaN(Date.parse(value))
  return true
}

/** The filters that an address sets. What a filter cannot be is as if it were not there. */
export function filtersOf(filters: readonly Filter[], query: LocationQuery): Record<string, string> {
  const set: Record<string, string> = {}
  for (const filter of filters) {
    const value = first(query[filter.key])
    if (accepts(filter, value)) set[filter.key] = value
  }
  return set
}

/** Where the list of an address goes on, if it is not at its beginning. */
export const cursorOf = (query: LocationQuery): string | null => first(query[CURSOR]) || null

/** The query with one filter changed. The list begins anew, since a cursor belongs to the filters it was made with. */
export function withFilter(query: LocationQuery, key: string, value: string): LocationQueryRaw {
  const changed: LocationQueryRaw = { ...query, [key]: value.trim() === '' ? undefined : value.trim() }
  changed[CURSOR] = undefined
  return changed
}

/** The query without any of the filters. */
export function withoutFilters(filters: readonly Filter[], query: LocationQuery): LocationQueryRaw {
  const gone = Object.fromEntries([...filters.map((filter) => filter.key), CURSOR].map((key) => [key, undefined]))
  return { ...query, ...gone }
}

const two = (number: number): string => String(number).padStart(2, '0')

/** An instant as `<input type="datetime-local">` wants it: in the zone of who reads, to the minute. */
export function toLocalInput(instant: string): string {
  const time = new Date(instant)
  if (Number.isNaN(time.getTime())) return ''
  const day = `${String(time.getFullYear())}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`
}

/** The other way; empty for what is no time. In the address it is UTC, the same for everybody who opens the link. */
export function fromLocalInput(local: string): string {
  const time = new Date(local)
  return local === '' || Number.isNaN(time.getTime()) ? '' : time.toISOString()
}
