import { ref } from 'vue'

export type Theme = 'light' | 'dark' | 'system'

const KEY = 'messenger.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

/** What was chosen. */
export const theme = ref<Theme>('system')

function show(): void {
  const shown = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value
  document.documentElement.dataset['theme'] = shown
}

/** Called once, before anything is shown. */
export function startTheme(): void {
  const kept = localStorage.getItem(KEY)
  theme.value = kept === 'light' || kept === 'dark' ? kept : 'system'
  dark.addEventListener('change', show)
  show()
}

/** Changes the theme and keeps the choice. */
export function chooseTheme(chosen: Theme): void {
  theme.value = chosen
  if (chosen === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, chosen)
  show()
}
