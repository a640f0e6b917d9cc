import { describe, expect, it } from 'vitest'
import { steps } from './steps'

const item = (key: string): { kind: string; key: string } => ({ kind: 'item', key })
const day = { kind: 'day', key: 'day' }
const rows = (keys: string): { kind: string; key: string }[] => [day, ...[...keys].map(item)]
const keys = (path: ReturnType<typeof steps>): [string, boolean][] | null =>
  path?.map((step) => [step.rows.filter((row) => row.kind === 'item').map((row) => row.key).join(''), step.shift]) ?? null

describe('the way from one list of rows to the next', () => {
  it('holds on to the start when something comes at the end', () => {
    expect(keys(steps(rows('abc'), rows('abcd')))).toEqual([['abcd', false]])
  })

  it('holds on to the end when something comes at, or goes from, the start', () => {
    expect(keys(steps(rows('cd'), rows('abcd')))).toEqual([['abcd', true]])
    expect(keys(steps(rows('abcd'), rows('cd')))).toEqual([['cd', true]])
  })

  it('makes two steps of a change at both ends', () => {
    expect(keys(steps(rows('cd'), rows('abcde')))).toEqual([
      ['abcd', true],
      ['abcde', false],
    ])
    expect(keys(steps(rows('abcd'), rows('cdef')))?.at(-1)).toEqual(['cdef', false])
  })

  it('keeps its place when one in the middle goes', () => {
    expect(keys(steps(rows('abcd'), rows('abd')))).toEqual([['abd', false]])
  })

  it('starts anew at another place of the room', () => {
    expect(steps(rows('abc'), rows('xyz'))).toBeNull()
    expect(steps([], rows('abc'))).toBeNull()
  })
})
