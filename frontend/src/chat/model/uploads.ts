import { ApiError } from '@/api/errors'
import { currentToken, tokenRefused } from '@/session/token'
import type { Message } from './types'

/** What is sent of a file. */
export interface Upload {
  roomId: string
  clientId: string
  file: File
  caption: string
}

/** Sends a file, with its progress from 0 to 1; `fetch` cannot tell that. Throws an `ApiError`, like all calls. */
export function upload({ roomId, clientId, file, caption }: Upload, onProgress: (part: number) => void, signal: AbortSignal): Promise<Message> {
  return new Promise((resolve, reject) => {
    const form = new FormData()
    // The room first: the service refuses before the file when it has to.
    form.append('room_id', roomId)
    form.append('client_id', clientId)
    if (caption !== '') form.append('body', caption)
    form.append('file', file, file.name)
    const request = new XMLHttpRequest()
    const token = currentToken()
    request.open('POST', '/api/v1/messages/upload')
    if (token !== null) request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) onProgress(loaded / total)
    }
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300 && body !== null) {
        resolve(body as Message)
        return
      }
      if (request.status === 401) tokenRefused(token)
      const seconds = Number(request.getResponseHeader('Retry-After') ?? Number.NaN)
      reject(new ApiError(request.status, body ?? {}, Number.isFinite(seconds) ? seconds * 1000 : null))
    }
    request.onerror = () => reject(new ApiError(0, {}))
    request.onabort = () => reject(new ApiError(0, {}))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(form)
  })
}

function parsed(text: string): object | null {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' ? body : null
  } catch {
    return null
  }
}
