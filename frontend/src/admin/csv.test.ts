import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { csvName, csvUrl, loadCsv } from './csv'

describe('a list as a file', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('asks for all rows that match the filters, and for no page', () => {
    const url = new URL(csvUrl(['notifications'], { status: 'failed', q: 'a&b', source_app: '' }))
    expect(url.pathname).toBe('/api/v1/admin/notifications')
    expect(Object.fromEntries(url.searchParams)).toEqual({ status: 'failed', q: 'a&b', format: 'csv' })
  })

  it('is named after the list and the time', () => {
    expect(csvName('people', new Date(2026, 0, 5, 9, 3))).toBe('messenger-people-2026-01-05-0903.csv')
  })

  it('is loaded with the token and tells how far it is', async () => {
    const asked: Request[] = []
    const body = new ReadableStream({
      start(to) {
        to.enqueue(new TextEncoder().encode('id,name\r\n'))
        to.enqueue(new TextEncoder().encode('1,ä\r\n'))
        to.close()
      },
    })
    vi.stubGlobal('fetch', (request: Request) => {
      asked.push(request)
      return Promise.resolve(new Response(body))
    })
    const told: number[] = []
    const file = await loadCsv(['users'], { role: 'admin' }, (bytes) => told.push(bytes), new AbortController().signal)
    expect(await file.text()).toBe('id,name\r\n1,ä\r\n')
    expect(told).toEqual([9, 15])
    expect(asked[0]?.headers.get('Accept')).toBe('text/csv')
  })

  it('fails as a whole when the list breaks off', async () => {
    const body = new ReadableStream({
      pull(to) {
        to.error(new Error('broken off'))
      },
    })
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(body)))
    await expect(loadCsv(['users'], {}, () => undefined, new AbortController().signal)).rejects.toThrow('broken off')
  })

  it('says why it was refused', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"error":"forbidden"}', { status: 403 })))
    await expect(loadCsv(['users'], {}, () => undefined, new AbortController().signal)).rejects.toThrowError(ApiError)
  })
})
