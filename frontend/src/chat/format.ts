import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

/** Invisible letters that only turn the direction of what follows, or that take no space at all. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const UNSEEN = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu

/** Whether nobody would see anything of it: only spaces and letters of no width. */
export function isUnseen(text: string): boolean {
  return text.replace(UNSEEN, '') === ''
}

/** A file's name as it may be shown: its last part only, and nothing in it that makes it read as another name. */
export function shownFileName(name: string): string {
  const last = name.split(/[/\\]/u).filter((part) => part !== '' && part !== '.' && part !== '..').pop() ?? ''
  // eslint-disable-next-line no-control-regex -- these are what is taken out
  const clean = last.replace(TURNING, '').replace(/[\u0000-\u001f\u007f]/gu, '')
  return isUnseen(clean) ? '?' : clean
}

/** A text in one line, for lists: line breaks and the marks of markdown are gone. */
export function oneLine(text: string): string {
  return text
    .replace(/```\w*\n?/gu, ' ')
    .replace(/^\s{0,3}(?:>|#{1,6}\s|[-*+]\s|\d+\.\s)+/gmu, '')
    .replace(/(\*\*|__|~~|`)(?=\S)(.*?\S)\1/gu, '$2')
    .replace(/!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)/gu, '$1')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, 300)
}

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString()

export interface Formats {
  /** 14:05 */
  time: (at: number) => string
  /** Saturday, 21 November 2026 at 14:05 */
  full: (at: number) => string
  /** Today, Yesterday, or the day with as much of the date as is needed. */
  day: (at: number) => string
  /** For lists: the time today, the weekday of the last week, else the date. */
  brief: (at: number) => string
  /** 1.4 MB */
  size: (bytes: number) => string
  /** Anna, Ben and 3 others */
  names: (all: string[], most?: number) => string
}

function formats(locale: string, t: (key: string, named?: Record<string, unknown>) => string): Formats {
  const make = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(locale, options)
  const time = make({ hour: '2-digit', minute: '2-digit' })
  const full = make({ dateStyle: 'full', timeStyle: 'short' })
  const dayShort = make({ weekday: 'long', day: 'numeric', month: 'long' })
  const dayLong = make({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  const weekday = make({ weekday: 'short' })
  const date = make({ day: '2-digit', month: '2-digit', year: '2-digit' })
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const yesterdayOf = (now: Date): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  return {
    time: (at) => time.format(at),
    full: (at) => full.format(at),
    day: (at) => {
      const now = new Date()
      const that = new Date(at)
      if (sameDay(that, now)) return t('chat.today')
      if (sameDay(that, yesterdayOf(now))) return t('chat.yesterday')
      return (that.getFullYear() === now.getFullYear() ? dayShort : dayLong).format(that)
    },
    brief: (at) => {
      const now = new Date()
      const that = new Date(at)
      if (sameDay(that, now)) return time.format(that)
      if (sameDay(that, yesterdayOf(now))) return t('chat.yesterday')
      return now.getTime() - at < 6 * 86_400_000 ? weekday.format(that) : date.format(that)
    },
    size: (bytes) => {
      const units = ['B', 'KB', 'MB', 'GB']
      let left = bytes
      let unit = 0
      while (left >= 1000 && unit < units.length - 1) {
        left /= 1000
        unit += 1
      }
      return `${number.format(unit === 0 ? left : Math.round(left * 10) / 10)} ${units[unit] ?? ''}`
    },
    names: (all, most = 20) =>
      all.length <= most ? list.format(all) : list.format([...all.slice(0, most), t('chat.others', { n: all.length - most })]),
  }
}

/** Times, sizes and lists in the language that is chosen. */
export function useFormats(): ComputedRef<Formats> {
  const { locale, t } = useI18n()
  return computed(() => formats(locale.value, (key, named) => t(key, named ?? {}, Number(named?.['n'] ?? 1))))
}
