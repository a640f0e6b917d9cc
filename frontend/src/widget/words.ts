import de from '@/i18n/de/widget'
import en from '@/i18n/en/widget'

export type Words = typeof en
const WORDS: Record<'de' | 'en', Words> = { de, en }

/** The language of a tag such as `de-AT`; English for everything that is not German. */
export function languageOf(tag: string | null | undefined): 'de' | 'en' {
  return tag?.toLowerCase().startsWith('de') ? 'de' : 'en'
}

export function wordsOf(language: 'de' | 'en'): Words {
  return WORDS[language]
}

/** Puts values into a text: `{count}`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole))
}
