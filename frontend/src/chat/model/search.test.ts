import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope, nextTick, type EffectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useMessageSearch, type MessageSearch } from './search'
import { message } from './testing'

let urls: URL[]
let answers: ((numbers: number[], next?: string) => void)[]
let scope: EffectScope
let found: MessageSearch

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  urls = []
  answers = []
  vi.stubGlobal('fetch', (request: Request) => {
    urls.push(new URL(request.url))
    return new Promise<Response>((resolve) => {
      answers.push((numbers, next) => {
        const headers: Record<string, string> = next === undefined ? {} : { 'X-Next-Cursor': next }
        resolve(new Response(JSON.stringify(numbers.map((n) => message(n))), { headers }))
      })
    })
  })
  scope = effectScope()
  found = scope.run(useMessageSearch) as MessageSearch
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function type(text: string): Promise<void> {
  found.q.value = text
  await nextTick()
  await vi.advanceTimersByTimeAsync(300)
}
const bodies = (): string[] => found.results.value.map((item) => item.body)

it('waits for the end of the word, and shows only what belongs to it', async () => {
  found.q.value = 'a'
  await nextTick()
  found.q.value = 'ab'
  await nextTick()
  await type('abc')
  await type('abcd')
  expect(urls.map((url) => url.searchParams.get('q'))).toEqual(['abc', 'abcd'])
  answers[1]?.([2])
  await flushPromises()
  answers[0]?.([1])
  await flushPromises()
  expect(bodies()).toEqual(['text 2'])
  expect([found.loading.value, found.hasMore.value, found.searched.value]).toEqual([false, false, true])
})

it('goes on where the list ended, without doubles', async () => {
  await type('abc')
  answers[0]?.([9, 8], '77')
  await flushPromises()
  void found.more()
  await flushPromises()
  expect(urls[1]?.searchParams.get('before')).toBe('77')
  answers[1]?.([8, 7])
  await flushPromises()
  expect(bodies()).toEqual(['text 9', 'text 8', 'text 7'])
  await found.more()
  expect(urls).toHaveLength(2)
})

it('asks nothing for a single letter, and begins anew in another room', async () => {
  await type('a')
  expect(urls).toEqual([])
  await type('abc')
  found.inRoom.value = '!r'
  await nextTick()
  await vi.advanceTimersByTimeAsync(300)
  expect(urls.at(-1)?.searchParams.get('room_id')).toBe('!r')
})
