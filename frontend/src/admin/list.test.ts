import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { defineComponent, h } from 'vue'
import { ApiError } from '@/api/errors'
import type { Filter } from './filters'
import { useAdminList, type AdminList } from './list'

const adminGet = vi.hoisted(() => vi.fn<(parts: string[], query: Record<string, unknown>) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))
vi.mock('@/session/session', () => ({ useSession: () => ({ state: 'in' }) }))

const filters: Filter[] = [{ key: 'q', kind: 'search' }]
let list: AdminList<{ id: number }>
let router: Router

const Shown = defineComponent(() => {
  list = useAdminList<{ id: number }>('things', filters)
  return () => h('p', JSON.stringify(list.rows))
})

/** What was asked for the last time. */
const asked = (): Record<string, unknown> => adminGet.mock.calls.at(-1)?.[1] ?? {}

async function open(address: string): Promise<void> {
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', name: 'list', component: Shown },
      { path: '/other', name: 'other', component: defineComponent(() => () => h('p')) },
    ],
  })
  await router.push(address)
  mount({ template: '<RouterView />' }, { global: { plugins: [router] } })
  await flushPromises()
}

beforeEach(() => {
  setActivePinia(createPinia())
  adminGet.mockReset()
  // Three pages: the cursor is the number of the next one.
  adminGet.mockImplementation((_, query) => {
    const page = Number(query['cursor'] ?? 1)
    return Promise.resolve({ items: [{ id: page }], next_cursor: page < 3 ? String(page + 1) : null })
  })
})

describe('a list whose filters and page are in the address', () => {
  it('goes forward and back by cursors', async () => {
    await open('/?q=pump')
    expect(asked()).toMatchObject({ q: 'pump', cursor: null })
    expect([list.number, list.hasBefore, list.hasNext]).toEqual([1, false, true])

    await list.next()
    await flushPromises()
    await list.next()
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ q: 'pump', cursor: '3' })
    expect([list.number, list.hasBefore, list.hasNext]).toEqual([3, true, false])
    expect(list.rows).toEqual([{ id: 3 }])

    await list.before()
    await flushPromises()
    expect([list.number, list.rows?.[0]?.id]).toEqual([2, 2])

    await list.before()
    await flushPromises()
    expect([list.number, list.rows?.[0]?.id, list.hasBefore]).toEqual([1, 1, false])
  })

  it('goes back instead of forth where the page before is the entry before', async () => {
    await open('/')
    await list.next()
    await flushPromises()
    // A browser's history knows where one came from; this one does not.
    vi.spyOn(router.options.history, 'state', 'get').mockReturnValue({ back: '/', trail: [null] })
    const back = vi.spyOn(router, 'back')
    await list.before()
    await flushPromises()
    expect(back).toHaveBeenCalledOnce()
    expect(list.rows).toEqual([{ id: 1 }])
  })

  it('knows of a link into the middle only that there is a beginning', async () => {
    await open('/?cursor=2')
    expect([list.number, list.hasBefore, list.hasNext]).toEqual([null, true, true])
    await list.before()
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
    expect(list.number).toBe(1)
  })

  it('loads anew when a filter changes, and not when the page is left', async () => {
    await open('/')
    await router.push('/?q=saw')
    await flushPromises()
    expect(asked()).toMatchObject({ q: 'saw' })
    const before = adminGet.mock.calls.length
    await router.push('/other?q=x')
    await flushPromises()
    expect(adminGet.mock.calls.length).toBe(before)
  })

  it('keeps the rows there are when loading again fails, and says so', async () => {
    await open('/')
    adminGet.mockRejectedValueOnce(new ApiError(503, {}))
    await list.reload()
    expect(list.rows).toEqual([{ id: 1 }])
    expect(list.error).toBeInstanceOf(ApiError)
    await list.reload()
    expect(list.error).toBeNull()
  })

  it('shows what was asked for last when answers overtake each other', async () => {
    await open('/')
    let late: (page: unknown) => void = () => undefined
    adminGet.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)))
    const first = list.reload()
    await list.reload()
    late({ items: [{ id: 99 }] })
    await first
    expect(list.rows).toEqual([{ id: 1 }])
  })
})
