import { beforeEach, describe, expect, it } from 'vitest'
import { itemOf } from './items'
import { ids, items, message, range } from './testing'
import { MOST, Window, type Page } from './window'

const page = (from: number, to: number, hasBefore = true, hasAfter = false): Page => ({ items: items(from, to), hasBefore, hasAfter })
const own = (n: number, key: string) => itemOf(message(n, { hub_user_id: 'anna' }), 'anna', key)
const heard = (n: number) => itemOf(message(n), 'anna')

let window: Window
beforeEach(() => {
  window = new Window()
})

describe('Window', () => {
  it('links pages at both ends without doubling what they share', () => {
    window.replace(page(50, 60, true, true))
    window.prepend(page(40, 51))
    window.append(page(59, 70, false, false))
    expect(ids(window.items)).toEqual(range(40, 70))
    expect([window.hasBefore, window.hasAfter]).toEqual([true, false])
  })

  it('keeps at most 400 and drops the far end, which is there to be loaded again', () => {
    window.replace(page(1000, 1199))
    window.prepend(page(800, 999))
    expect([window.items.length, window.hasAfter]).toEqual([400, false])
    window.prepend(page(700, 799))
    expect([window.items.length, window.hasAfter]).toEqual([MOST, true])
    expect([window.first?.eventId, window.last?.eventId]).toEqual(['$700', '$1099'])
    window.append(page(1100, 1199, false, false))
    expect([window.first?.eventId, window.last?.eventId, window.hasBefore, window.hasAfter]).toEqual(['$800', '$1199', true, false])
    expect(window.find('$700')).toBeUndefined()
  })

  it('does not grow for ever while messages come in', () => {
    window.replace({ ...page(1, 10), hasBefore: false })
    for (const n of range(11, 2000)) window.arrive(heard(n))
    expect(window.items.length).toBeLessThanOrEqual(MOST + 50)
    expect(window.last?.eventId).toBe('$2000')
    expect(window.hasBefore).toBe(true)
  })

  it('takes each message once, however often it is told', () => {
    window.replace(page(1, 5))
    expect(window.arrive(heard(6))).toBe(true)
    expect(window.arrive(heard(6))).toBe(false)
    expect(window.arrive(heard(3))).toBe(false)
    expect(ids(window.items)).toEqual(range(1, 6))
  })

  it('takes no message that lies before it or after a hole', () => {
    window.replace(page(10, 20))
    expect(window.arrive(heard(4))).toBe(false)
    window.replace(page(10, 20, true, true))
    expect(window.arrive(heard(30))).toBe(false)
    expect(ids(window.items)).toEqual(range(10, 20))
  })

  it('gives an own message its place when the stream tells it, with the key it had', () => {
    window.replace(page(1, 3))
    window.accept(own(5, 'mine'))
    expect(ids(window.items)).toEqual([1, 2, 3, 5])
    window.arrive(heard(4))
    expect(ids(window.items)).toEqual([1, 2, 3, 4, 5])
    window.arrive(own(5, '$5'))
    window.arrive(heard(6))
    expect(ids(window.items)).toEqual(range(1, 6))
    expect(window.find('$5')?.key).toBe('mine')
  })

  it('knows an own message that the stream told first', () => {
    window.replace(page(1, 3))
    window.arrive(own(4, '$4'))
    window.accept(own(4, 'mine'))
    expect(ids(window.items)).toEqual(range(1, 4))
    expect(window.items.at(-1)?.key).toBe('mine')
  })

  it('keeps the key of an own message when it is loaded anew', () => {
    window.replace(page(1, 3))
    window.accept(own(4, 'mine'))
    window.replace({ items: [...items(1, 3), own(4, '$4'), heard(5)], hasBefore: false, hasAfter: false })
    expect(ids(window.items)).toEqual(range(1, 5))
    expect(window.items[3]?.key).toBe('mine')
  })

  it('does not lose an own message when a page comes that was written before it', () => {
    window.replace(page(1, 3))
    window.accept(own(4, 'mine'))
    window.replace(page(1, 3))
    expect(ids(window.items)).toEqual(range(1, 4))
  })

  it('shows own messages only where it reaches to the newest', () => {
    window.replace(page(1, 3, true, true))
    window.accept(own(9, 'mine'))
    expect(ids(window.items)).toEqual([1, 2, 3])
    window.append({ items: [...items(4, 8), own(9, '$9')], hasBefore: false, hasAfter: false })
    expect(ids(window.items)).toEqual(range(1, 9))
    expect(window.items.at(-1)?.key).toBe('mine')
  })

  it('applies changes to messages that come later', () => {
    window.replace(page(5, 6))
    window.change('$7', { kind: 'edit', body: 'new', at: 99 })
    window.change('$4', { kind: 'delete' })
    window.arrive(heard(7))
    window.prepend(page(3, 4))
    expect(window.find('$7')).toMatchObject({ body: 'new', edited: true })
    expect(window.find('$4')?.deleted).toBe(true)
  })

  it('takes what a page says of messages that are here', () => {
    window.replace(page(1, 3))
    const edited = { ...heard(1), body: 'else', edited: true }
    window.prepend({ items: [heard(0), edited], hasBefore: false, hasAfter: false })
    expect(window.find('$1')?.body).toBe('else')
    expect(ids(window.items)).toEqual(range(0, 3))
  })

  it('is the same array as long as nothing changes, and the same items where they do not', () => {
    window.replace(page(1, 3))
    const before = window.items
    expect(window.items).toBe(before)
    window.change('$2', { kind: 'delete' })
    expect(window.items).not.toBe(before)
    expect(window.items[0]).toBe(before[0])
    expect(window.items[1]).not.toBe(before[1])
  })
})
