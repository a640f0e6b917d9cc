import { describe, expect, it } from 'vitest'
import deSession from '@/i18n/de/session'
import deSettings from '@/i18n/de/settings'
import deSso from '@/i18n/de/sso'
import deWidget from '@/i18n/de/widget'
import enSession from '@/i18n/en/session'
import enSettings from '@/i18n/en/settings'
import enSso from '@/i18n/en/sso'
import enWidget from '@/i18n/en/widget'

/** Every text with its path and the values that are put into it. */
function shape(texts: object, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string'
      ? [`${path}${key} ${(text.match(/\{\w+\}/g) ?? []).toSorted().join()}`]
      : shape(text as object, `${path}${key}.`),
  )
}

describe('the two languages (contract R48)', () => {
  it.each([
    ['session', deSession, enSession],
    ['settings', deSettings, enSettings],
    ['sso', deSso, enSso],
    ['widget', deWidget, enWidget],
  ])('say the same in %s', (_, de, en) => {
    expect(shape(de)).toEqual(shape(en))
  })
})
