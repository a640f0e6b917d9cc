import { describe, expect, it } from 'vitest'
import en from '@/i18n/en/admin'
import { changeOf, faultsOf, formOf, verdictBadge, whyOf } from './rules'
import type { Rule } from './types'

const rule: Rule = {
  id: 'managers',
  name: 'Managers',
  source_scope: 'platform',
  source_roles: ['admin', 'owner', 'boss'],
  target_scope: 'galaxy',
  target_roles: [],
  require_approval: true,
  priority: -5,
  active: false,
  invalid: 'targetScope "galaxy" is not one of tenant, platform, support',
}

describe('the form of a rule (contract R38)', () => {
  it('takes over what is there, and nothing that is unknown', () => {
    expect(changeOf(formOf(rule))).toEqual({
      name: 'Managers',
      source_scope: 'platform',
      source_roles: ['owner', 'admin'],
      target_scope: 'tenant',
      target_roles: [],
      require_approval: true,
      priority: -5,
      active: false,
    })
  })

  it('wants a name and a whole number', () => {
    const form = formOf(null)
    expect(faultsOf({ ...form, name: 'x' })).toEqual({})
    expect(Object.keys(faultsOf({ ...form, name: '  ' }))).toEqual(['name'])
    for (const priority of ['', '1.5', 'x', '1e3', '1000001', '-1000001', '0x10']) {
      expect(Object.keys(faultsOf({ ...form, name: 'x', priority })), priority).toEqual(['priority'])
    }
    for (const priority of ['0', ' 7 ', '-1000000']) expect(faultsOf({ ...form, name: 'x', priority }), priority).toEqual({})
  })
})

describe('what the service says of a rule', () => {
  const words: Record<string, string> = en.rules.why
  it.each([
    ['it is about them and allows it', 'allows', undefined],
    ['it is about them and asks for an accepted contact request', 'asks', undefined],
    ['it is switched off', 'off', undefined],
    ['they belong to no common organisation', 'apart', undefined],
    ['the sender is not in the support team', 'senderSupport', undefined],
    ['the receiver is not in the support team', 'receiverSupport', undefined],
    ['the sender is not platform_admin', 'sender', ['platform_admin']],
    ['the receiver is not owner or admin', 'receiver', ['owner', 'admin']],
    ['the sender is not owner of an organisation that both belong to', 'senderThere', ['owner']],
    ['the receiver is not owner or admin of an organisation that both belong to', 'receiverThere', ['owner', 'admin']],
  ])('%s', (said, word, roles) => {
    const why = whyOf(said)
    expect(why.key).toBe(`admin.rules.why.${word}`)
    expect(words[word]).toBeTruthy()
    expect(why.roles).toEqual(roles)
    expect(why.told).toBeUndefined()
  })

  it('is shown as it was said where it is new', () => {
    expect(whyOf('the moon is full')).toEqual({ key: 'admin.rules.why.other', told: 'the moon is full' })
    expect(whyOf('the sender is not boss')).toEqual({ key: 'admin.rules.why.other', told: 'the sender is not boss' })
    expect(whyOf('it cannot be read: no id')).toEqual({ key: 'admin.rules.why.unreadable', told: 'no id' })
  })
})

it('every verdict has its sign, and one that is unknown allows nothing', () => {
  expect(verdictBadge('allowed').tone).toBe('good')
  expect(verdictBadge('contact').tone).toBe('good')
  expect(verdictBadge('needs_approval').tone).toBe('warn')
  expect(verdictBadge('blocked').word).toBe('admin.verdict.blocked')
  expect(verdictBadge('new word' as 'denied').word).toBe('admin.verdict.denied')
})
