import { describe, expect, it } from 'vitest'
import { bookOf, emojiBook, emojiOf, searchEmoji } from './emoji'

describe('emoji', () => {
  it('are found by what they are called in the language that is shown', async () => {
    const de = await emojiBook('de')
    const en = await emojiBook('en')
    expect(searchEmoji(de, 'Haus')[0]?.emoji).toBe('🏠')
    expect(searchEmoji(de, 'daumen').map((one) => one.emoji)).toContain('👍')
    expect(searchEmoji(en, 'thumbs up')[0]?.emoji).toBe('👍')
    expect(searchEmoji(en, 'nothing is called this')).toEqual([])
    expect(searchEmoji(en, '  ')).toEqual([])
  })

  it('are found by their names between colons in every language', async () => {
    const de = await emojiBook('de')
    expect(searchEmoji(de, ':smile')[0]?.codes).toContain('smile')
    expect(emojiOf(de, '+1')).toBe('👍')
    expect(emojiOf(de, 'heart')).toBe('❤️')
    expect(emojiOf(de, 'no_such_name')).toBeNull()
  })

  it('are in groups without their parts, and loaded once', async () => {
    const de = await emojiBook('de')
    expect(de.groups.length).toBeGreaterThan(7)
    expect(de.all.some((one) => one.emoji === '🏻')).toBe(false)
    expect(await emojiBook('de')).toBe(de)
  })

  it('that are called so come before those that have to do with it', () => {
    const data = [
      { hexcode: '1', label: 'plant', unicode: 'P', group: 1, order: 1, tags: ['house'] },
      { hexcode: '2', label: 'house', unicode: 'H', group: 1, order: 2 },
    ]
    const book = bookOf(data as Parameters<typeof bookOf>[0], { groups: [{ key: 'smileys-emotion', message: 'All', order: 1 }] } as unknown as Parameters<typeof bookOf>[1], {})
    expect(searchEmoji(book, 'house').map((one) => one.emoji)).toEqual(['H', 'P'])
  })
})
