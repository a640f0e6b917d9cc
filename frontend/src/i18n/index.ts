import { createI18n, type LocaleMessageDictionary, type VueMessageType } from 'vue-i18n'

/** The languages of the pages. */
export const languages = ['de', 'en'] as const
export type Language = (typeof languages)[number]

const KEY = 'messenger.language'

/** Messages are loaded for one language and one area at a time; `en` is complete and stands in for what `de` misses. */
export const i18n = createI18n<false>({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} })

const areas = import.meta.glob<{ default: LocaleMessageDictionary<VueMessageType> }>('./{de,en}/*.ts')

const isLanguage = (text: string | null): text is Language => languages.some((language) => language === text)

/** What was chosen, or `system`. */
export function chosenLanguage(): Language | 'system' {
  const kept = localStorage.getItem(KEY)
  return isLanguage(kept) ? kept : 'system'
}

function systemLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())
  return wanted.find((tag): tag is Language => isLanguage(tag)) ?? 'en'
}

const loaded = new Set<string>()
const wanted = new Set<string>(['common', 'chat', 'session'])

async function load(language: Language, area: string): Promise<void> {
  const path = `./${language}/${area}.ts`
  const messages = areas[path]
  if (loaded.has(path) || messages === undefined) return
  loaded.add(path)
  i18n.global.mergeLocaleMessage(language, { [area]: (await messages()).default })
}

async function show(language: Language): Promise<void> {
  await Promise.all([...wanted].map((area) => load(language, area)))
  i18n.global.locale.value = language
  document.documentElement.lang = language
}

/** Loads the messages of an area, such as `admin`, that is not needed at first. */
export async function useArea(area: string): Promise<void> {
  wanted.add(area)
  await load(i18n.global.locale.value as Language, area)
}

/** Called once, before anything is shown. */
export async function startLanguage(first: string[] = []): Promise<void> {
  for (const area of first) wanted.add(area)
  const chosen = chosenLanguage()
  await show(chosen === 'system' ? systemLanguage() : chosen)
}

/** Changes the language and keeps the choice. */
export async function chooseLanguage(language: Language | 'system'): Promise<void> {
  if (language === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, language)
  await show(language === 'system' ? systemLanguage() : language)
}
