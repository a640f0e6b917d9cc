import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a webhook was told: the headers of Standard Webhooks, and the body as it came. */
export interface Told {
  id: string
  timestamp: string
  signature: string
  body: string
  type: string
}

/** A program that receives events: an address of its own, and an answer that a test chooses. */
export class Receiver {
  readonly told: Told[] = []
  /** What it answers. */
  status = 204
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, answer) => {
      const header = (name: string): string => String(request.headers[name] ?? '')
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (part: string) => (body += part))
      request.on('end', () => {
        const { type } = JSON.parse(body) as { type: string }
        this.told.push({ id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body, type })
        answer.writeHead(this.status).end()
      })
    })
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((done) => receiver.server.listen(0, '127.0.0.1', done))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/hooks`
  }

  of(type: string): Told[] {
    return this.told.filter((one) => one.type === type)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}

/** The signature that something told has to have. */
export function signatureOf(secret: string, { id, timestamp, body }: Told): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
