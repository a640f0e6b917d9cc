import type { CompactEmoji, MessagesDataset } from 'emojibase'

/** An emoji with all that it can be found by. */
export interface Emoji {
  emoji: string
  /** What it is called in the language that is shown. */
  label: string
  group: number
  /** Names as in `:smile:`; the first one is shown. */
  codes: string[]
  /** What it is called, in small letters: counts more than `tags`. */
  names: string[]
  tags: string[]
}

export interface EmojiGroup {
  id: number
  label: string
  emoji: Emoji[]
}

export interface EmojiBook {
  all: Emoji[]
  groups: EmojiGroup[]
}

/** Parts of other emoji, such as skin tones and hair; alone they are nothing. */
const COMPONENTS = 2

type Loaded = [{ default: CompactEmoji[] }, { default: MessagesDataset }, { default: Record<string, string | string[]> }]

const loaders: Record<'de' | 'en', () => Promise<Loaded>> = {
  de: () => Promise.all([import('emojibase-data/de/compact.json'), import('emojibase-data/de/messages.json'), import('emojibase-data/en/shortcodes/iamcal.json')]) as unknown as Promise<Loaded>,
  en: () => Promise.all([import('emojibase-data/en/compact.json'), import('emojibase-data/en/messages.json'), import('emojibase-data/en/shortcodes/iamcal.json')]) as unknown as Promise<Loaded>,
}

const books = new Map<string, Promise<EmojiBook>>()

/** Every emoji in one language. It is large, so it comes when it is wanted and only once. */
export function emojiBook(language: string): Promise<EmojiBook> {
  const which = language === 'de' ? 'de' : 'en'
  const known = books.get(which)
  if (known !== undefined) return known
  const book = loaders[which]().then(([data, messages, codes]) => bookOf(data.default, messages.default, codes.default))
  // What did not come is asked for again at the next wish.
  book.catch(() => books.delete(which))
  books.set(which, book)
  return book
}

/** Orders what was loaded. */
export function bookOf(data: CompactEmoji[], messages: Pick<MessagesDataset, 'groups'>, codes: Record<string, string | string[]>): EmojiBook {
  const all = data
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((one): Emoji => {
      const names = [codes[one.hexcode] ?? []].flat()
      const small = (words: string[]): string[] => words.map((word) => word.toLocaleLowerCase().replaceAll('_', ' '))
      return { emoji: one.unicode, label: one.label, group: one.group ?? 0, codes: names, names: small([one.label, ...names]), tags: small(one.tags ?? []) }
    })
  const groups = messages.groups
    .filter((group) => group.order !== COMPONENTS)
    .map((group) => ({ id: group.order, label: group.message, emoji: all.filter((one) => one.group === group.order) }))
    .filter((group) => group.emoji.length > 0)
  return { all, groups }
}

/** How well a word stands for what somebody types: 0 is the word itself, then its beginning, then the beginning of a part; -1 not at all. */
function rank(word: string, typed: string): number {
  if (word === typed) return 0
  if (word.startsWith(typed)) return 1
  return word.includes(` ${typed}`) ? 2 : -1
}

/** What somebody may mean, the best first. */
export function searchEmoji(book: EmojiBook, query: string, most = 90): Emoji[] {
  const typed = query.trim().toLocaleLowerCase().replaceAll('_', ' ').replace(/^:|:$/gu, '')
  if (typed === '') return []
  const found: { one: Emoji; best: number }[] = []
  for (const one of book.all) {
    let best = -1
    const weigh = (words: string[], less: number): void => {
      for (const word of words) {
        const now = rank(word, typed)
        // Of two that begin alike the shorter one is nearer to what is typed.
        const all = now + less + word.length / 1_000
        if (now >= 0 && (best < 0 || all < best)) best = all
      }
    }
    weigh(one.names, 0)
    weigh(one.tags, 0.5)
    if (best >= 0) found.push({ one, best })
  }
  return found
    .sort((a, b) => a.best - b.best)
    .slice(0, most)
    .map(({ one }) => one)
}

/** The emoji of a name such as `smile`. */
export function emojiOf(book: EmojiBook, code: string): string | null {
  return book.all.find((one) => one.codes.includes(code))?.emoji ?? null
}
