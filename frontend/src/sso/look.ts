import type { Language } from '@/i18n'

/**
 * Language and theme for pages that are too small for what the others use. What was chosen in the settings counts here, too,
 * and nothing is written.
 */
function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** The language, which the document is marked with. */
export function startLanguage(): Language {
  const wanted = [kept('messenger.language') ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase())
  const language = wanted.find((tag) => tag === 'de' || tag === 'en') === 'de' ? 'de' : 'en'
  document.documentElement.lang = language
  return language
}

/** Shows the theme. */
export function startTheme(): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const show = (): void => {
    const chosen = kept('messenger.theme')
    document.documentElement.dataset['theme'] = chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light'
  }
  system.addEventListener('change', show)
  show()
}
