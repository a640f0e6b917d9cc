import { describe, expect, it } from 'vitest'
import { finishedCode, meant, typedBefore } from './complete'

describe('what is being typed', () => {
  it('is a mention after a space or at the beginning', () => {
    expect(typedBefore('@', 1)).toEqual({ sign: '@', query: '', from: 0 })
    expect(typedBefore('Hi @An', 6)).toEqual({ sign: '@', query: 'An', from: 3 })
    expect(typedBefore('Hi @Anna Sch', 12)).toEqual({ sign: '@', query: 'Anna Sch', from: 3 })
    expect(typedBefore('(@Ö', 3)).toEqual({ sign: '@', query: 'Ö', from: 1 })
  })

  it('is none inside an address, or when it is over', () => {
    expect(typedBefore('a@b', 3)).toBeNull()
    expect(typedBefore('@Anna Schmidt kommt', 19)).toBeNull()
    expect(typedBefore('Hi @An', 2)).toBeNull()
  })

  it('is an emoji from two letters on, not a time', () => {
    expect(typedBefore('gut :sm', 7)).toEqual({ sign: ':', query: 'sm', from: 4 })
    expect(typedBefore(':s', 2)).toBeNull()
    expect(typedBefore('um 12:30', 8)).toBeNull()
    expect(typedBefore('https://exa', 11)).toBeNull()
  })
})

it('a name between colons is finished', () => {
  expect(finishedCode('ok :+1:', 7)).toEqual({ code: '+1', from: 3 })
  expect(finishedCode('10:30:', 6)).toBeNull()
  expect(finishedCode('ok :smile', 9)).toBeNull()
})

it('names are meant by the beginning of any word, whatever their marks', () => {
  expect(meant('Ben Yılmaz', 'yil')).toBe(false)
  expect(meant('Jörg Müller', 'mul')).toBe(true)
  expect(meant('Jörg Müller', 'Jörg Mü')).toBe(true)
  expect(meant('Clara Hoffmann-Großkreutz', 'groß')).toBe(true)
  expect(meant('Anna', 'nna')).toBe(false)
})
