import { useI18n } from 'vue-i18n'
import { regional } from '@/ui/time'

/** A name within a sentence. Marks that turn the direction of writing, as names may have them, end with it. */
export const apart = (name: string): string => `\u2068${name}\u2069`

/** Numbers as the chosen language writes them. */
export function useFormat(): { number: (value: number | null | undefined) => string; bytes: (value: number) => string } {
  const { locale } = useI18n()
  return {
    number: (value) => (value === null || value === undefined ? '–' : new Intl.NumberFormat(regional(locale.value)).format(value)),
    bytes(value) {
      const [size, unit] = value < 1_000_000 ? [value / 1000, 'kilobyte'] : [value / 1_000_000, 'megabyte']
      return new Intl.NumberFormat(regional(locale.value), { style: 'unit', unit, maximumFractionDigits: 1 }).format(size)
    },
  }
}
