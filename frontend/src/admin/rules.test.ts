import { describe, expect, it } from 'vitest'
import en from '@/i18n/en/admin'
import { changeOf, faultsOf, formOf, verdictBadge, whyOf } from './rules'
import type { Rule, RuleStep } from './types'

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
  const step = (code: string, roles: string[] = [], invalid: string | null = null): RuleStep => ({
    rule: 'x',
    name: 'X',
    priority: 1,
    matches: false,
    why: 'in English',
    why_code: code,
    why_roles: roles,
    invalid,
  })

  it('is said in the reader\'s language by its code', () => {
    const words = Object.keys(en.rules.why).filter((word) => word !== 'other' && word !== 'unreadable')
    expect(words.length).toBe(10)
    for (const word of words) expect(whyOf(step(word, ['owner']))).toEqual({ key: `admin.rules.why.${word}`, roles: ['owner'] })
    expect(whyOf(step('unreadable', [], 'it has no id'))).toEqual({
      key: 'admin.rules.why.unreadable',
      roles: [],
      told: 'it has no id',
    })
  })

  it('is shown as it was said where it is new', () => {
    for (const word of ['moon_is_full', 'other', 'toString', '']) {
      expect(whyOf(step(word, ['boss']))).toEqual({ key: 'admin.rules.why.other', roles: [], told: 'in English' })
    }
  })
})

it('every verdict has its sign, and one that is unknown allows nothing', () => {
  expect(verdictBadge('allowed').tone).toBe('good')
  expect(verdictBadge('contact').tone).toBe('good')
  expect(verdictBadge('needs_approval').tone).toBe('warn')
  expect(verdictBadge('blocked').word).toBe('admin.verdict.blocked')
  expect(verdictBadge('new word' as 'denied').word).toBe('admin.verdict.denied')
})
