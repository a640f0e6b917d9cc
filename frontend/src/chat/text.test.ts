import { describe, expect, it } from 'vitest'
import { worked } from './model/testing'
import { isEmojiOnly, isLong, safeHtml } from './text'

/** The HTML as a document, to ask what is in it. */
const shown = (text: string, people: Parameters<typeof safeHtml>[1] = []): HTMLElement => {
  const root = document.createElement('div')
  root.innerHTML = safeHtml(text, people)
  return root
}

describe('what somebody wrote', () => {
  it('is never HTML of theirs', () => {
    for (const bad of [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      'a <b onclick="x()">b</b> <iframe src="https://example.org"></iframe>',
      '<svg/onload=alert(1)>',
      '<style>*{display:none}</style>',
      '<form action="https://example.org"><input name=a></form>',
      '<a href="javascript:alert(1)">x</a>',
      '</div></div><h1>out</h1>',
      '<!-- --><math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    ]) {
      const root = shown(bad)
      expect(root.querySelector('script, img, iframe, svg, style, form, input, b, h1, math, [onclick], [onerror], [style]'), bad).toBeNull()
      for (const link of root.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^https?:/u)
      // All of it can still be read.
      expect(root.textContent.replace(/\s/gu, '')).toContain(bad.replace(/\s/gu, '').slice(0, 6))
    }
  })

  it('links only to what leads somewhere, in a new tab, without telling from where', () => {
    const root = shown('[a](https://example.org/a) https://example.org/b [c](mailto:c@example.org)')
    const links = [...root.querySelectorAll('a')]
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://example.org/a', 'https://example.org/b', 'mailto:c@example.org'])
    for (const link of links) {
      expect(link.getAttribute('target')).toBe('_blank')
      expect(link.getAttribute('rel')).toBe('noopener noreferrer')
    }
    for (const bad of ['[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](data:text/html,<script>1</script>)', '[x](vbscript:x)', '[x](//example.org)', '<javascript:alert(1)>']) {
      expect(shown(bad).querySelector('a'), bad).toBeNull()
    }
  })

  it('loads no picture of other servers', () => {
    const root = shown('![a cat](https://example.org/cat.png)')
    expect(root.querySelector('img')).toBeNull()
    expect(root.querySelector('a')?.textContent).toBe('a cat')
  })

  it('has no place in the outline of the page', () => {
    expect(shown('# Big\n\n## Less').querySelector('h1, h2')).toBeNull()
    expect(shown('# Big').textContent.trim()).toBe('Big')
  })

  it('may carry the marks of markdown', () => {
    const root = shown('**a** _b_ ~~c~~ `d`\nnext\n\n- one\n- [x] two\n\n> said\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |')
    for (const tag of ['strong', 'em', 'del', 'code', 'br', 'ul', 'blockquote', 'pre', 'table td']) expect(root.querySelector(tag), tag).not.toBeNull()
    expect(root.textContent).toContain('☑ two')
  })

  it('is shown as it stands when it is made to take long', () => {
    const started = worked()
    for (const trap of ['>'.repeat(16_000), '- '.repeat(8_000), '['.repeat(16_000), '*'.repeat(16_000), '_a'.repeat(8_000), '`'.repeat(16_000), '![['.repeat(5_000), '<'.repeat(16_000), '(['.repeat(8_000), '**a '.repeat(4_000), `${'a@'.repeat(8_000)}`, '|'.repeat(16_000), '\n| a '.repeat(500), '~~a'.repeat(5_000), 'http://'.repeat(2_000), '\\['.repeat(8_000), '&#'.repeat(8_000), '1. '.repeat(5_000), ' '.repeat(15_999) + 'x', 'a\n'.repeat(1_500), 'x**a'.repeat(4_000), '[a](b'.repeat(3_000)]) {
      const before = worked()
      expect(safeHtml(trap).length).toBeGreaterThan(0)
      expect(worked() - before, `${trap.slice(0, 6)} …`).toBeLessThan(1_500)
    }
    expect(worked() - started).toBeLessThan(10_000)
  })
})

describe('mentions', () => {
  const people = [
    { name: 'Anna', mine: false },
    { name: 'Anna Schmidt', mine: true },
  ]

  it('are marked by the longest name, mine more than others', () => {
    const marks = [...shown('@Anna Schmidt and @Anna, not @Ben', people).querySelectorAll('.mention')]
    expect(marks.map((mark) => [mark.textContent, mark.className])).toEqual([
      ['@Anna Schmidt', 'mention me'],
      ['@Anna', 'mention'],
    ])
  })

  it('are text in code, and a name is never HTML', () => {
    expect(shown('`@Anna`', people).querySelector('.mention')).toBeNull()
    const root = shown('@<img src=x onerror=alert(1)> hi', [{ name: '<img src=x onerror=alert(1)>', mine: false }])
    expect(root.querySelector('img')).toBeNull()
    expect(root.querySelector('.mention')?.textContent).toBe('@<img src=x onerror=alert(1)>')
  })

  it('are not taken from another text that was kept', () => {
    expect(shown('@Anna', people).querySelector('.mention')).not.toBeNull()
    expect(shown('@Anna').querySelector('.mention')).toBeNull()
  })
})

describe('how a text is shown', () => {
  it('emoji alone are large', () => {
    for (const yes of ['🎉', '🎉🎉 👍🏽', '👩‍🔧', '🇩🇪', '❤️']) expect(isEmojiOnly(yes), yes).toBe(true)
    for (const no of ['', '5', '12', 'ok 👍', '🎉🎉🎉🎉🎉🎉', '#']) expect(isEmojiOnly(no), no).toBe(false)
  })

  it('long ones are folded', () => {
    expect(isLong('a'.repeat(2_001))).toBe(true)
    expect(isLong('a\n'.repeat(30))).toBe(true)
    expect(isLong('a'.repeat(500))).toBe(false)
  })
})
