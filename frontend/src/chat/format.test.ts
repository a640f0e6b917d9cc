import { describe, expect, it } from 'vitest'
import { isUnseen, oneLine, shownFileName } from './format'

describe('names of files', () => {
  it('are their last part only', () => {
    expect(shownFileName('../../etc/passwd')).toBe('passwd')
    expect(shownFileName('C:\\Users\\a\\plan.pdf')).toBe('plan.pdf')
    expect(shownFileName('/')).toBe('?')
    expect(shownFileName('..')).toBe('?')
    expect(shownFileName('')).toBe('?')
  })

  it('do not read as another name', () => {
    expect(shownFileName('abc\u202Egpj.exe')).toBe('abcgpj.exe')
    expect(shownFileName('a\u0000b\nc.txt')).toBe('abc.txt')
    expect(shownFileName('\u200b\u200d')).toBe('?')
  })
})

it('texts of no width are seen to be so', () => {
  expect(isUnseen('\u200b \u2060\ufeff\u00ad\u3164')).toBe(true)
  expect(isUnseen('')).toBe(true)
  expect(isUnseen('\u200ba')).toBe(false)
  expect(isUnseen('👍️')).toBe(false)
})

it('a message in one line has no marks', () => {
  expect(oneLine('# A\n\n> **b** `c`\n- [d](https://example.org) snake_case_name')).toBe('A b c d snake_case_name')
  expect(oneLine('a'.repeat(1_000))).toHaveLength(300)
})
