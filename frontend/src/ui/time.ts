import { createSharedComposable, useNow } from '@vueuse/core'

/** Now, for all that shows how long ago something was: one clock for the whole page. */
export const useClock = createSharedComposable(() => useNow({ interval: 15_000 }))

/** A time of the API. Some of its fields are UTC without saying so (contract A034). Null for what is no time. */
export function parseTime(text: string | null | undefined): Date | null {
  if (!text) return null
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T')
  const time = new Date(zoned ? text : `${text}Z`)
  return Number.isNaN(time.getTime()) ? null : time
}

/** The language as it is spoken where the person is, if the browser knows: times and numbers are written accordingly. */
export function regional(language: string): string {
  return navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** How long ago, or until when, in words: `3 minutes ago`, `vor 3 Minuten`. Less than a minute is `now`. */
export function relativeTime(time: Date, now: Date, locale: string, style: 'long' | 'short' = 'long'): string {
  const seconds = (time.getTime() - now.getTime()) / 1000
  for (const [unit, size] of STEPS) {
    // In figures: `yesterday` would be a matter of the calendar.
    if (Math.abs(seconds) >= size) return new Intl.RelativeTimeFormat(regional(locale), { style }).format(Math.trunc(seconds / size), unit)
  }
  return new Intl.RelativeTimeFormat(regional(locale), { numeric: 'auto', style }).format(0, 'second')
}

/** Day and time as the language writes them, in the zone of who reads. */
export function absoluteTime(time: Date, locale: string, seconds = false): string {
  return new Intl.DateTimeFormat(regional(locale), { dateStyle: 'medium', timeStyle: seconds ? 'medium' : 'short' }).format(time)
}
