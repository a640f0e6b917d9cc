import { expect, it, vi } from 'vitest'
import { KEPT_FILES, MediaCache } from './media-cache'

it('loads a file once for all who show it', async () => {
  const load = vi.fn((path: string) => Promise.resolve(`blob:${path}`))
  const cache = new MediaCache(load, () => undefined)
  expect(await Promise.all([cache.hold('/a'), cache.hold('/a')])).toEqual(['blob:/a', 'blob:/a'])
  expect(load).toHaveBeenCalledTimes(1)
})

it('drops the longest unused, but nothing that is shown', async () => {
  const dropped: string[] = []
  const cache = new MediaCache((path) => Promise.resolve(path), (url) => dropped.push(url))
  await cache.hold('shown')
  for (let n = 0; n < KEPT_FILES + 9; n += 1) {
    await cache.hold(`${n}`)
    cache.release(`${n}`)
  }
  await Promise.resolve()
  expect(dropped).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  cache.release('shown')
  await cache.hold('last')
  await Promise.resolve()
  expect(dropped.at(-1)).toBe('shown')
})

it('tries again what failed', async () => {
  let fails = true
  const cache = new MediaCache(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('x')), () => undefined)
  await expect(cache.hold('/a')).rejects.toThrow('away')
  fails = false
  expect(await cache.hold('/a')).toBe('x')
})
