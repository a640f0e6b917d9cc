import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { sectionOf } from '../sections'
import { useExternalClient } from './external'

let scope: EffectScope
let calls: { method: string; path: string; body: unknown }[]
let answers: { enabled: boolean; joining: string; sessions: string[]; status: number }

const session = (id: string): Record<string, string> => ({ id, device_name: id, client: 'Element', last_seen_at: `2026-01-31T12:00:0${id}.000Z` })

beforeEach(() => {
  vi.useFakeTimers()
  calls = []
  answers = { enabled: false, joining: 'idle', sessions: [], status: 200 }
  vi.stubGlobal(
    'fetch',
    vi.fn(async (request: Request) => {
      const path = new URL(request.url).pathname.replace('/api/v1/users/me/external-client', '')
      const text = await request.text()
      calls.push({ method: request.method, path, body: text === '' ? null : JSON.parse(text) })
      if (answers.status !== 200) return Response.json({ error: 'x', message: 'x' }, { status: answers.status })
      if (request.method === 'DELETE') return new Response(null, { status: 204 })
      if (request.method === 'POST') return Response.json({ app_password: 'abcd', device_name: 'x' }, { status: 201 })
      if (path === '/sessions') return Response.json(answers.sessions.map(session))
      return Response.json({ enabled: answers.enabled, joining: { state: answers.joining, done: 0, total: 0 } })
    }),
  )
  scope = effectScope()
})

afterEach(() => {
  scope.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function use(): ReturnType<typeof useExternalClient> {
  const used = scope.run(useExternalClient)
  if (used === undefined) throw new Error('the scope has ended')
  return used
}

describe('external clients (contract R70)', () => {
  it('show the devices, the one that was used last first', async () => {
    answers.sessions = ['1', '3', '2']
    const external = use()
    await external.load()
    expect(external.sessions.value.map(({ id }) => id)).toEqual(['3', '2', '1'])
    expect(external.error.value).toBeNull()
  })

  it('say what went wrong, and load again', async () => {
    answers.status = 503
    const external = use()
    await external.load()
    expect(external.error.value).toMatchObject({ status: 503 })
    expect(external.client.value).toBeNull()
    answers.status = 200
    await external.load()
    expect(external.error.value).toBeNull()
    expect(external.client.value?.enabled).toBe(false)
  })

  it('keep a new password until it is hidden, and tell when its device has signed in', async () => {
    answers.sessions = ['1']
    const external = use()
    await external.load()
    await external.make('  My phone ')
    expect(calls.find((call) => call.method === 'POST')?.body).toEqual({ device_name: 'My phone' })
    expect(external.made.value?.app_password).toBe('abcd')
    expect(external.arrived.value).toBeNull()
    answers.sessions = ['1', '2']
    await vi.advanceTimersByTimeAsync(5000)
    expect(external.arrived.value?.id).toBe('2')
    expect(external.made.value?.app_password).toBe('abcd')
    external.hide()
    expect(external.made.value).toBeNull()
  })

  it('leave the name to the service when none is given', async () => {
    const external = use()
    await external.make('   ')
    expect(calls.find((call) => call.method === 'POST')?.body).toEqual({})
  })

  it('are looked at again only while something is going on', async () => {
    answers.joining = 'running'
    const external = use()
    await external.load()
    await vi.advanceTimersByTimeAsync(9000)
    expect(calls.length).toBe(6)
    // A look that fails is no reason to stop, nor to show an error.
    answers.status = 503
    await vi.advanceTimersByTimeAsync(4000)
    expect(external.error.value).toBeNull()
    answers.status = 200
    answers.joining = 'done'
    await vi.advanceTimersByTimeAsync(4000)
    const before = calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls.length).toBe(before)
  })

  it('are not looked at any more when the page is left', async () => {
    answers.joining = 'running'
    await use().load()
    scope.stop()
    const before = calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls.length).toBe(before)
  })

  it('forget the password when everything is switched off', async () => {
    const external = use()
    await external.make('x')
    await external.switchOff()
    expect(external.made.value).toBeNull()
    expect(calls.some((call) => call.method === 'DELETE' && call.path === '')).toBe(true)
  })
})

describe('the settings’ sections', () => {
  it('are found by their address, and the first one otherwise', () => {
    expect(sectionOf('clients')).toBe('clients')
    expect(sectionOf(undefined)).toBe('general')
    expect(sectionOf('constructor')).toBe('general')
  })
})
