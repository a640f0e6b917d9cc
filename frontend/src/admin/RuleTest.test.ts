import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createI18n } from 'vue-i18n'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import RuleTest from './RuleTest.vue'
import type { RuleStep } from './types'

const adminDo = vi.hoisted(() => vi.fn<(method: string, parts: string[], body: unknown) => Promise<unknown>>())
vi.mock('./api', () => ({ adminDo }))

const anna = { hub_user_id: 'anna', display_name: 'Anna', roles: ['member'], tenants: [1] }
const ben = { hub_user_id: 'ben', display_name: 'Ben', roles: ['owner', 'boss'], tenants: [2, 'west'] }
function step(rule: string, priority: number, code: string, roles: string[] = [], invalid: string | null = null): RuleStep {
  const matches = code === 'allows' || code === 'asks'
  return { rule, name: rule, priority, matches, why: `told: ${code}`, why_code: code, why_roles: roles, invalid }
}
const answer = {
  verdict: 'needs_approval',
  rule: 'managers',
  reason: 'Contact request required',
  reason_code: 'approval_required',
  from: anna,
  to: ben,
  steps: [
    step('team', 100, 'none_in_common'),
    step('managers', 50, 'asks'),
    step('late', 1, 'allows'),
    step('bosses', 0, 'receiver_lacks_role', ['owner', 'boss']),
    step('odd', -1, 'unreadable', [], 'priority "high" is not an integer'),
    step('moon', -2, 'moon_is_full'),
  ],
}
const Picker = defineComponent({
  name: 'PersonPicker',
  props: { modelValue: { type: Object, default: null }, label: { type: String, required: true } },
  emits: ['update:modelValue'],
  setup: () => () => h('i'),
})

function box() {
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  return mount(RuleTest, { props: { version: 0 }, global: { plugins: [i18n], stubs: { PersonPicker: Picker } } })
}

beforeEach(() => {
  adminDo.mockReset()
  adminDo.mockResolvedValue(answer)
})

it('asks for two people, and says what holds and which rule decides', async () => {
  const shown = box()
  const [from, to] = shown.findAllComponents(Picker)
  from?.vm.$emit('update:modelValue', anna)
  await flushPromises()
  expect(adminDo).not.toHaveBeenCalled()
  to?.vm.$emit('update:modelValue', ben)
  await flushPromises()
  expect(adminDo).toHaveBeenLastCalledWith('POST', ['rules', 'test'], { from: 'anna', to: 'ben' })
  expect(shown.get('.verdict').text()).toMatch(/^Request needed .*Anna.* may write to .*Ben.* after a contact request was accepted\.$/)
  expect(shown.text()).toContain('Owner, boss, tenant 2, west.')
  expect(shown.emitted('update:rule')?.at(-1)).toEqual(['managers'])
  const steps = shown.findAll('li').map((step) => step.text())
  expect(steps[0]).toContain('they have no tenant in common')
  expect(shown.findAll('.decides').map((step) => step.text())).toEqual([steps[1]])
  expect(steps[1]).toContain('decides')
  expect(steps[3]).toContain('who reads is not Owner or boss')
  expect(steps[4]).toContain('never matches: priority "high" is not an integer')
  expect(steps[5]).toContain('told: moon_is_full')

  // The rules have changed, and then it is asked the other way round.
  await shown.setProps({ version: 1 })
  expect(adminDo).toHaveBeenCalledTimes(2)
  await shown.get('button').trigger('click')
  expect(adminDo).toHaveBeenLastCalledWith('POST', ['rules', 'test'], { from: 'ben', to: 'anna' })

  from?.vm.$emit('update:modelValue', null)
  await flushPromises()
  expect(shown.find('.verdict').exists()).toBe(false)
  expect(shown.emitted('update:rule')?.at(-1)).toEqual([null])
})

it('says when it could not be asked', async () => {
  adminDo.mockRejectedValue(new Error('no'))
  const shown = box()
  for (const [index, picker] of shown.findAllComponents(Picker).entries()) picker.vm.$emit('update:modelValue', [anna, ben][index])
  await flushPromises()
  expect(shown.text()).toContain(common.errors.unknown)
})
