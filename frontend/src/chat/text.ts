import DOMPurify from 'dompurify'
import { Marked, type RendererObject, type TokenizerAndRendererExtension, type Tokens } from 'marked'

/** Somebody a text speaks to: the name as it stands after the `@`, and whether it is oneself. */
export interface Mentioned {
  name: string
  mine: boolean
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string): string => text.replace(/[&<>"']/gu, (letter) => escapes[letter] ?? letter)

/** What `@` may stand for in the text that is being read; set before each run, which is synchronous. */
let mentioned: Mentioned[] = []

const mention: TokenizerAndRendererExtension = {
  name: 'mention',
  level: 'inline',
  start: (source) => (mentioned.length === 0 ? undefined : source.indexOf('@')),
  tokenizer(source) {
    const hit = mentioned.find(({ name }) => source.startsWith(`@${name}`))
    return hit === undefined ? undefined : { type: 'mention', raw: `@${hit.name}`, mine: hit.mine }
  },
  renderer: (token) => `<span class="mention${token['mine'] === true ? ' me' : ''}">${escape(token.raw)}</span>`,
}

const SAFE_LINK = /^(?:https?:\/\/|mailto:|tel:)/iu

/** Only what leads somewhere becomes a link; pictures of other servers become one too, because loading them would tell on the reader. */
function link(href: string, title: string | null | undefined, inner: string): string {
  if (!SAFE_LINK.test(href)) return inner
  const about = title ? ` title="${escape(title)}"` : ''
  return `<a href="${escape(href)}"${about} target="_blank" rel="noopener noreferrer">${inner}</a>`
}

const renderer: RendererObject = {
  // HTML is text that somebody wrote.
  html: ({ text }: Tokens.HTML | Tokens.Tag) => escape(text),
  // A message has no place in the outline of the page.
  heading({ tokens }: Tokens.Heading) {
    return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`
  },
  link({ href, title, tokens }: Tokens.Link) {
    return link(href, title, this.parser.parseInline(tokens))
  },
  image: ({ href, title, text }: Tokens.Image) => link(href, title, escape(text || href)),
  checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  hr: () => '<p>———</p>',
  // The columns' alignment is left out: it would need styles in the text.
  table(token: Tokens.Table) {
    const cells = (row: Tokens.TableCell[], tag: 'th' | 'td'): string =>
      `<tr>${row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`
    return `<table><thead>${cells(token.header, 'th')}</thead><tbody>${token.rows.map((row) => cells(row, 'td')).join('')}</tbody></table>`
  },
}

const marked = new Marked({ gfm: true, breaks: true, async: false }, { extensions: [mention] }, { renderer })

const purify: Parameters<typeof DOMPurify.sanitize>[1] = {
  ALLOWED_TAGS: ['p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 'span', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ALLOWED_ATTR: ['href', 'title', 'target', 'rel', 'class', 'start'],
  ALLOWED_URI_REGEXP: SAFE_LINK,
  // These are no addresses; unsaid, they would be held against the line above and thrown out.
  ADD_URI_SAFE_ATTR: ['target', 'rel', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

/** Deeper nesting than anybody writes by hand is a trap for whoever reads it: it is shown as it stands. */
const NESTED = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){12,}/mu
/** So many marks are no writing but a trap, or a log: a reader of markdown takes seconds for them. */
const MOST_MARKS = 1_500
const MARKS = /[*_~`[\]()!<@&]/gu

const plain = (text: string): string => `<p>${escape(text).replace(/\n/gu, '<br>')}</p>`

const KEPT = 400
const kept = new Map<string, string>()

/**
 * The HTML of a message, safe to show: marks of markdown and links, no HTML of the sender's, no picture that is loaded from elsewhere.
 * The last few hundred are kept, because a timeline shows the same ones again and again.
 */
export function safeHtml(text: string, people: Mentioned[] = []): string {
  const key = `${people.map(({ name, mine }) => `${mine ? '!' : ''}${name}`).join('\u0000')}\u0001${text}`
  const known = kept.get(key)
  if (known !== undefined) return known
  // The longest name first: "@Anna Schmidt" is not "@Anna".
  mentioned = people.filter(({ name }) => name !== '').sort((a, b) => b.name.length - a.name.length)
  let html: string
  try {
    html = NESTED.test(text) || (text.match(MARKS)?.length ?? 0) > MOST_MARKS ? plain(text) : (marked.parse(text) as string)
  } catch {
    html = plain(text)
  }
  const safe = DOMPurify.sanitize(html, purify)
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '')
  kept.set(key, safe)
  return safe
}

const EMOJI_ONLY = /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3)(?:\ufe0f|\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic})*\s*){1,5}$/u

/** Whether it is one to five emoji and nothing else; they are shown large. */
export function isEmojiOnly(text: string): boolean {
  return text.length < 64 && EMOJI_ONLY.test(text.trim()) && !/^[0-9#*]+$/u.test(text.trim())
}

/** Whether a text is so long that only its beginning is shown at first. */
export function isLong(text: string): boolean {
  return text.length > 2_000 || (text.match(/\n/gu)?.length ?? 0) > 24
}
