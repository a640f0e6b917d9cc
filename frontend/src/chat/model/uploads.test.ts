import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { onTokenRefused, setToken } from '@/session/token'
import { upload } from './uploads'

/** What the browser sends, played by the test. */
class FakeRequest {
  static last: FakeRequest
  upload: { onprogress?: (event: Partial<ProgressEvent>) => void } = {}
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  status = 0
  responseText = ''
  headers: Record<string, string> = {}
  answerHeaders: Record<string, string> = {}
  form?: FormData
  constructor() {
    FakeRequest.last = this
  }
  open(): void {
    // Nothing to do.
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }
  getResponseHeader(name: string): string | null {
    return this.answerHeaders[name] ?? null
  }
  send(form: FormData): void {
    this.form = form
  }
  abort(): void {
    this.onabort?.()
  }
  answer(status: number, text: string): void {
    this.status = status
    this.responseText = text
    this.onload?.()
  }
}

const file = new File(['abc'], 'a.png', { type: 'image/png' })
const begin = (progress: (part: number) => void = () => undefined, signal = new AbortController().signal) =>
  upload({ roomId: '!r', clientId: 'c', file, caption: 'look' }, progress, signal)
const errorOf = async (sent: Promise<unknown>): Promise<ApiError> => (await sent.catch((error: unknown) => error)) as ApiError

describe('upload', () => {
  beforeEach(() => {
    vi.stubGlobal('XMLHttpRequest', FakeRequest)
    setToken('one')
  })
  afterEach(() => void vi.unstubAllGlobals())

  it('sends the file under its client id and tells how far it is', async () => {
    const parts: number[] = []
    const sent = begin((part) => parts.push(part))
    const request = FakeRequest.last
    expect(Object.fromEntries([...(request.form?.entries() ?? [])].filter(([name]) => name !== 'file'))).toEqual({ room_id: '!r', client_id: 'c', body: 'look' })
    expect([...(request.form?.keys() ?? [])].at(-1)).toBe('file')
    expect(request.headers).toEqual({ Authorization: 'Bearer one' })
    request.upload.onprogress?.({ loaded: 1, total: 4, lengthComputable: true })
    request.upload.onprogress?.({ loaded: 1, total: 0, lengthComputable: false })
    expect(parts).toEqual([0.25])
    request.answer(201, '{"event_id":"$1"}')
    expect(await sent).toEqual({ event_id: '$1' })
  })

  it('fails as all calls do', async () => {
    let sent = begin()
    FakeRequest.last.answer(413, '{"error":"too_large"}')
    expect(await errorOf(sent)).toMatchObject({ status: 413, code: 'too_large', passing: false })
    sent = begin()
    FakeRequest.last.answerHeaders['Retry-After'] = '3'
    FakeRequest.last.answer(503, '<html>')
    expect(await errorOf(sent)).toMatchObject({ status: 503, passing: true, retryAfterMs: 3000 })
    sent = begin()
    FakeRequest.last.onerror?.()
    expect(await errorOf(sent)).toMatchObject({ status: 0, passing: true })
  })

  it('says when the token is refused', async () => {
    const refused: (string | null)[] = []
    onTokenRefused((token) => refused.push(token))
    const sent = begin()
    FakeRequest.last.answer(401, '{}')
    expect((await errorOf(sent)).status).toBe(401)
    expect(refused).toEqual(['one'])
  })

  it('is broken off', async () => {
    const abort = new AbortController()
    const sent = begin(undefined, abort.signal)
    abort.abort()
    expect(await errorOf(sent)).toBeInstanceOf(ApiError)
  })
})
