import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, ref, shallowRef, type Ref } from 'vue'
import { createI18n } from 'vue-i18n'
import chat from '@/i18n/en/chat'
import common from '@/i18n/en/common'
import { roomContext, type RoomContext } from '@/chat/context'
import type { Item, Mention, Room } from '@/chat/model/types'
import MessageComposer from './MessageComposer.vue'

const members = [
  { hub_user_id: 'anna', display_name: 'Anna Schmidt', membership: 'join' },
  { hub_user_id: 'ben', display_name: 'Ben Yılmaz', membership: 'join' },
]
vi.mock('@/chat/model/rooms', () => ({ useRooms: () => ({ members: () => Promise.resolve(members) }) }))
vi.mock('@/session/session', () => ({ useSession: () => ({ me: { hub_user_id: 'me', display_name: 'Me' } }) }))
vi.mock('@/chat/model/compose', () => ({ MOST_CHARACTERS: 16_000 }))

const compose = {
  draft: ref(''),
  replyTo: ref<string | null>(null),
  editing: shallowRef<Item | null>(null),
  mentions: ref<Mention[]>([]),
  tooMany: ref(0),
  mention: vi.fn(),
  send: vi.fn(),
  sendFiles: vi.fn(),
  retry: vi.fn(),
  cancel: vi.fn(),
  edit: vi.fn(),
  editLast: vi.fn(() => true),
  stopEditing: vi.fn(),
  remove: vi.fn(),
  react: vi.fn(),
  typing: vi.fn(),
}
const silent = ref<string | null>(null)

function show(): VueWrapper {
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: { chat, common } } })
  const context: Partial<RoomContext> = {
    room: computed(() => ({ room_id: '!a:b', name: 'Hall', room_type: 'group' }) as Room),
    timeline: { find: () => undefined } as unknown as RoomContext['timeline'],
    compose: compose as unknown as RoomContext['compose'],
    silent: computed(() => silent.value),
    active: ref(null) as Ref<string | null>,
  }
  return mount(MessageComposer, { global: { plugins: [i18n, createPinia()], provide: { [roomContext as symbol]: context } }, attachTo: document.body })
}

/** Types at the end of the field. */
async function type(view: VueWrapper, text: string): Promise<void> {
  const field = view.get<HTMLTextAreaElement>('textarea')
  await field.setValue(text)
  field.element.setSelectionRange(text.length, text.length)
  await field.trigger('input')
  await flushPromises()
}
const key = (view: VueWrapper, name: string, more: object = {}): Promise<void> => view.get('textarea').trigger('keydown', { key: name, ...more })

enableAutoUnmount(afterEach)
beforeEach(() => {
  vi.clearAllMocks()
  compose.draft.value = ''
  compose.replyTo.value = null
  compose.editing.value = null
  silent.value = null
})

describe('keys while writing', () => {
  it('Enter sends, with Shift it is a new line, and in the middle of a word of an input method it is neither', async () => {
    const view = show()
    await type(view, 'Hello')
    await key(view, 'Enter', { shiftKey: true })
    await key(view, 'Enter', { isComposing: true })
    expect(compose.send).not.toHaveBeenCalled()
    await key(view, 'Enter')
    expect(compose.send).toHaveBeenCalledOnce()
    expect(view.emitted('sent')).toHaveLength(1)
  })

  it('nothing but spaces, or too much, is not sent', async () => {
    const view = show()
    await type(view, '  \n ')
    await key(view, 'Enter')
    await type(view, 'a'.repeat(16_001))
    await key(view, 'Enter')
    expect(compose.send).not.toHaveBeenCalled()
    expect(view.get('[role=status].wrong').text()).toBe('One character too many')
    expect(view.get('[data-testid=send]').attributes('disabled')).toBeDefined()
  })

  it('counts what people see as one letter once', async () => {
    const view = show()
    await type(view, '😀'.repeat(15_999))
    expect(view.find('.wrong').exists()).toBe(false)
  })

  it('arrow up edits the last own message only when nothing is written', async () => {
    const view = show()
    await type(view, 'a')
    await key(view, 'ArrowUp')
    expect(compose.editLast).not.toHaveBeenCalled()
    await type(view, '')
    await key(view, 'ArrowUp')
    expect(compose.editLast).toHaveBeenCalledOnce()
  })

  it('Escape ends answering and editing', async () => {
    const view = show()
    compose.replyTo.value = '$a'
    await key(view, 'Escape')
    expect(compose.replyTo.value).toBeNull()
    compose.editing.value = { body: 'x', file: null, notification: null } as Item
    await key(view, 'Escape')
    expect(compose.stopEditing).toHaveBeenCalledOnce()
  })
})

describe('mentions', () => {
  it('are offered, chosen by keyboard, and tell whom they mean', async () => {
    const view = show()
    await type(view, 'Hi @')
    const options = view.findAll('[role=option]')
    expect(options.map((option) => option.text())).toEqual(['AS Anna Schmidt', 'BY Ben Yılmaz'])
    const field = view.get('textarea')
    expect(field.attributes('aria-activedescendant')).toBe(options[0]?.attributes('id'))
    await key(view, 'ArrowDown')
    expect(field.attributes('aria-activedescendant')).toBe(options[1]?.attributes('id'))
    await key(view, 'Enter')
    expect(compose.send).not.toHaveBeenCalled()
    expect(compose.draft.value).toBe('Hi @Ben Yılmaz ')
    expect(compose.mention).toHaveBeenCalledWith({ hubUserId: 'ben', name: 'Ben Yılmaz' })
    expect(view.find('[role=listbox]').exists()).toBe(false)
  })

  it('Escape closes the list and nothing else', async () => {
    const view = show()
    compose.replyTo.value = '$a'
    await type(view, '@an')
    expect(view.findAll('[role=option]')).toHaveLength(1)
    await key(view, 'Escape')
    expect(view.find('[role=listbox]').exists()).toBe(false)
    expect(compose.replyTo.value).toBe('$a')
  })
})

describe('files', () => {
  it('that are pasted wait with what is written as their caption', async () => {
    const view = show()
    const file = new File(['x'], '../../plan.pdf', { type: 'application/pdf' })
    const event = new Event('paste') as Event & { clipboardData: unknown }
    event.clipboardData = { files: [file] }
    view.get('textarea').element.dispatchEvent(event)
    await flushPromises()
    expect(view.get('.chip').text()).toContain('plan.pdf')
    expect(view.get('.chip').text()).not.toContain('..')
    await type(view, 'the plan')
    await key(view, 'Enter')
    expect(compose.sendFiles).toHaveBeenCalledWith([file], 'the plan')
    expect(compose.draft.value).toBe('')
    expect(view.find('.chip').exists()).toBe(false)
  })
})

it('who may not write is told why', () => {
  silent.value = 'chat.silent.viewer'
  const view = show()
  expect(view.find('textarea').exists()).toBe(false)
  expect(view.text()).toContain(chat.silent.viewer)
})
