import { randomInt } from 'node:crypto'
import { SignJWT } from 'jose'
import type { components } from '../../../docs/types'
import { setting } from './settings'

export type Schemas = components['schemas']
export type Role = 'admin' | 'super_admin' | 'user' | 'viewer'

export interface Person {
  id: string
  name: string
  role: Role
  token: string
}

/** A hub with a tenant of its own, so that tests see nothing of one another. */
export class Hub {
  readonly tenant = randomInt(1_000, 2_000_000_000)

  /** Somebody whom the service knows. The id has the tenant in it: ids are one for all tenants. */
  async person(name: string, role: Role = 'user'): Promise<Person> {
    const id = `${name.toLowerCase().replace(/[^a-z]/g, '')}-${String(this.tenant)}`
    const person = { id, name, role, token: await this.token(id, name, role) }
    await this.call(person, 'GET', '/users/me')
    return person
  }

  /** A token as the hub makes it (contract A012). */
  async token(id: string, name: string, role: Role = 'user', lifetime = 3600): Promise<string> {
    return new SignJWT({ role, tenant_id: this.tenant, display_name: name })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(id)
      .setIssuer('aesystek-hub')
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
      .sign(new TextEncoder().encode(setting('E2E_HUB_SECRET')))
  }

  /** A call of the API as a person, which has to succeed. */
  async call<T>(person: Person, method: string, path: string, body?: unknown): Promise<T> {
    return this.request<T>(method, path, { Authorization: `Bearer ${person.token}` }, body)
  }

  /** A room of these people, made by the first. */
  async room(name: string, [owner, ...others]: [Person, ...Person[]]): Promise<Schemas['Room']> {
    const room = { name, room_type: 'group', invite_users: others.map((person) => person.id) }
    return this.call(owner, 'POST', '/rooms', room)
  }

  async directRoom(one: Person, other: Person): Promise<Schemas['Room']> {
    return this.call(one, 'POST', `/rooms/dm/${other.id}`)
  }

  async say(person: Person, room: { room_id: string }, body: string, replyTo?: string): Promise<Schemas['Message']> {
    return this.call(person, 'POST', '/messages/send', { room_id: room.room_id, body, reply_to: replyTo })
  }

  /** A file, whatever its form says it is. */
  async upload(person: Person, form: FormData): Promise<Schemas['Message']> {
    const headers = { Authorization: `Bearer ${person.token}` }
    const answer = await fetch(`${setting('E2E_BASE_URL')}/api/v1/messages/upload`, { method: 'POST', headers, body: form })
    if (!answer.ok) throw new Error(`upload: ${String(answer.status)} ${await answer.text()}`)
    return (await answer.json()) as Schemas['Message']
  }

  /** A satellite's notification; to everybody of the tenant when nothing else is said. */
  async notify(fields: Partial<Schemas['SendNotification']> & { title: string }): Promise<Schemas['Notification']> {
    const body = { source_app: 'crm', event_type: 'notification', tenant_id: this.tenant, ...fields }
    return this.request('POST', '/notifications/send', { 'X-Service-Token': setting('E2E_SERVICE_TOKEN') }, body)
  }

  private async request<T>(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<T> {
    const answer = await fetch(`${setting('E2E_BASE_URL')}/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}
