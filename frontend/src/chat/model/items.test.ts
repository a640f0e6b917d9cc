import { describe, expect, it } from 'vitest'
import { changed, itemOf, type Change } from './items'
import { message } from './testing'

const anna = { hub_user_id: 'anna', display_name: 'Anna' }
const ben = { hub_user_id: 'ben', display_name: 'Ben' }
const react = (who: typeof anna, removed = false, emoji = '👍'): Change => ({ kind: 'react', emoji, who, removed })
const all = (changes: Change[]) => changes.reduce(changed, itemOf(message(1), 'anna'))

describe('changed', () => {
  it('takes the newest edit, in whatever order they come', () => {
    const first: Change = { kind: 'edit', body: 'one', at: 1 }
    const second: Change = { kind: 'edit', body: 'two', at: 2 }
    expect(all([first, second])).toMatchObject({ body: 'two', edited: true })
    expect(all([second, first])).toMatchObject({ body: 'two', edited: true })
  })

  it('leaves deleted what is deleted', () => {
    const item = all([react(ben), { kind: 'delete' }, { kind: 'edit', body: 'back', at: 9 }, react(anna)])
    expect(item).toMatchObject({ deleted: true, body: '', reactions: [] })
  })

  it('counts each person once for each emoji', () => {
    const item = all([react(anna), react(anna), react(ben), react(ben, false, '❤️')])
    expect(item.reactions).toEqual([
      { emoji: '👍', count: 2, users: [anna, ben] },
      { emoji: '❤️', count: 1, users: [ben] },
    ])
    const less = [react(ben, true), react(ben, true), react(ben, true, '❤️')].reduce(changed, item)
    expect(less.reactions).toEqual([{ emoji: '👍', count: 1, users: [anna] }])
  })

  it('is the same object when nothing changes', () => {
    const item = all([react(anna), { kind: 'edit', body: 'x', at: 5 }])
    for (const change of [react(anna), react(ben, true), { kind: 'edit', body: 'x', at: 5 } as Change]) expect(changed(item, change)).toBe(item)
  })
})

it('knows own messages and files', () => {
  expect(itemOf(message(1), 'ben').mine).toBe(true)
  const file = itemOf(message(1, { url: '/api/v1/media/hub/x', filename: '../../etc/passwd', size: 3, mime_type: 'image/png' }), 'anna')
  expect(file.file).toEqual({ url: '/api/v1/media/hub/x', local: null, name: '../../etc/passwd', size: 3, mime: 'image/png' })
})
