import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import de from '@/i18n/de/admin'
import en from '@/i18n/en/admin'

/** All keys, with dots. */
function keys(messages: object, before = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'object' ? keys(value as object, `${before}${key}.`) : [`${before}${key}`],
  )
}

describe('words of the panel (contract R48)', () => {
  it('are there in both languages', () => {
    expect(keys(de).sort()).toEqual(keys(en).sort())
  })

  it.each(['de', 'en'])('can be said in %s', (locale) => {
    const i18n = createI18n<false>({ legacy: false, locale, messages: { de: { admin: de }, en: { admin: en } } })
    const given = { n: '7', name: 'Max', title: 'T', sum: '1', most: '1', at: 'x', done: '1', all: '2', size: '1', what: 'x', role: 'x', kind: 'x', why: 'x', roles: 'x', tenants: '1', from: 'x', to: 'x', told: 'x', sent: '1', rooms: '2' }
    for (const key of keys(en)) {
      const said = i18n.global.t(`admin.${key}`, { ...given, parts: 'x', tenant: '1' }, 2)
      // Nothing left over of a placeholder, and no second form of a plural.
      expect(said, key).not.toMatch(/[{}|]|^$|^admin\./)
    }
  })
})
