import { describe, expect, it } from 'vitest'
import { fromParent, parentOrigin } from './parent'

const parent = {} as Window
const message = (data: unknown, origin = 'https://app.example', source: unknown = parent): MessageEvent<unknown> =>
  ({ data, origin, source }) as MessageEvent<unknown>

describe('the page around the widget', () => {
  it('is who the browser says it is', () => {
    const list = ['https://app.example'] as unknown as DOMStringList
    expect(parentOrigin({ ancestorOrigins: list }, 'https://other.example/')).toBe('https://app.example')
    expect(parentOrigin({}, 'https://app.example/some/page?x')).toBe('https://app.example')
    expect(parentOrigin({}, '')).toBeNull()
    expect(parentOrigin({ ancestorOrigins: ['null'] as unknown as DOMStringList }, '')).toBeNull()
  })

  it('may give a token, or take it back', () => {
    const origin = 'https://app.example'
    expect(fromParent(message({ type: 'messenger-token', token: 'a.b.c' }), parent, origin)?.token).toBe('a.b.c')
    expect(fromParent(message({ type: 'messenger-token', token: null }), parent, origin)?.token).toBeNull()
  })

  it('is nobody else', () => {
    const good = { type: 'messenger-token', token: 'a.b.c' }
    const origin = 'https://app.example'
    expect(fromParent(message(good, 'https://evil.example'), parent, origin)).toBeNull()
    expect(fromParent(message(good, origin, {}), parent, origin)).toBeNull()
    expect(fromParent(message(good), parent, null)).toBeNull()
    for (const data of [null, 'messenger-token', {}, { type: 'x', token: 'a' }, { type: 'messenger-token' }, { ...good, token: 1 }]) {
      expect(fromParent(message(data), parent, origin)).toBeNull()
    }
  })
})
