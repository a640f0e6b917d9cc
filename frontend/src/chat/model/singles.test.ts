import { flushPromises } from '@vue/test-utils'
import { computed } from 'vue'
import { expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { itemOf } from './items'
import { Singles } from './singles'
import { message } from './testing'

it('fetches what an answer refers to once, and draws again when it is there', async () => {
  const fetch = vi.fn(() => Promise.resolve(itemOf(message(1), 'anna')))
  const singles = new Singles(fetch)
  const text = computed(() => singles.get('!r', '$1')?.body ?? 'not yet')
  expect([text.value, singles.get('!r', '$1')]).toEqual(['not yet', undefined])
  await flushPromises()
  expect(text.value).toBe('text 1')
  expect(fetch).toHaveBeenCalledTimes(1)
  singles.change('$1', { kind: 'delete' })
  expect(singles.get('!r', '$1')?.deleted).toBe(true)
})

it('asks again for what failed in passing, but not for what is gone', async () => {
  let error = new ApiError(0, {})
  const fetch = vi.fn(() => Promise.reject(error))
  const singles = new Singles(fetch)
  singles.get('!r', '$1')
  await flushPromises()
  error = new ApiError(404, {})
  singles.get('!r', '$1')
  await flushPromises()
  singles.get('!r', '$1')
  expect(fetch).toHaveBeenCalledTimes(2)
})
