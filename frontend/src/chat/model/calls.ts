import { api, send } from '@/api/client'
import type { EmojiReactions, Reaction, Room as ApiRoom } from '@/api/schema'
import type { Member, Message, Presence, Room, User } from './types'

/** Messages of a room, oldest first, and whether there are more at either end. */
export interface History {
  messages: Message[]
  hasBefore: boolean
  hasAfter: boolean
}

/** Which part of a room: the newest, or that before, after or around a message. */
export interface Where {
  before?: string
  after?: string
  around?: string
}

/** Up to where somebody has read. */
export interface Marker {
  hub_user_id: string
  display_name: string
  event_id: string
  read_at: string
}

/** How many messages a page has. */
export const PAGE = 50

const path = (...parts: string[]): string => `/api/v1/${parts.map(encodeURIComponent).join('/')}`
const at = (where: string): string => new URL(where, location.origin).href

async function get<T>(where: string, query: Record<string, string | undefined> = {}): Promise<{ data: T; headers: Headers }> {
  const url = new URL(where, location.origin)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
  const response = await send(new Request(url))
  return { data: (await response.json()) as T, headers: response.headers }
}

async function post<T>(where: string, body: unknown, method = 'POST'): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await send(new Request(at(where), { method, headers, body: JSON.stringify(body) }))
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** A room with nothing left out. */
export function roomOf(room: ApiRoom): Room {
  const { last_message, last_read_event_id, peer } = room
  return { ...room, last_message: last_message ?? null, last_read_event_id: last_read_event_id ?? null, peer: peer ?? null }
}

/** A part of a room's history. */
export async function history(roomId: string, where: Where = {}, limit = PAGE): Promise<History> {
  const { data, headers } = await get<Message[]>(path('messages', 'history', roomId), {
    before: where.before,
    after: where.after,
    around: where.around,
    limit: String(limit),
  })
  const said = (name: string, otherwise: boolean): boolean => {
    const value = headers.get(name)
    return value === null ? otherwise : value === 'true'
  }
  return {
    messages: data,
    hasBefore: said('X-Has-Before', data.length >= limit),
    hasAfter: said('X-Has-After', where.before !== undefined),
  }
}

/** Where one list of pages goes on: all of it. */
export async function rooms(): Promise<Room[]> {
  const all: Room[] = []
  let before: string | undefined
  do {
    const { data, headers } = await get<ApiRoom[]>(path('rooms'), { limit: '200', before })
    all.push(...data.map(roomOf))
    before = headers.get('X-Next-Cursor') ?? undefined
  } while (before !== undefined && before !== '')
  return all
}

/** One room. */
export async function room(roomId: string): Promise<Room> {
  return roomOf((await get<ApiRoom>(path('rooms', roomId))).data)
}

/** Everybody in a room. */
export async function members(roomId: string): Promise<Member[]> {
  const all: Member[] = []
  let after: string | undefined
  do {
    const { data, headers } = await get<Member[]>(path('rooms', roomId, 'members'), { limit: '500', after })
    all.push(...data)
    after = headers.get('X-Next-Cursor') ?? undefined
  } while (after !== undefined && after !== '')
  return all
}

/** Up to where the others have read. */
export async function reads(roomId: string): Promise<Marker[]> {
  return (await get<Marker[]>(path('rooms', roomId, 'reads'), { limit: '200' })).data
}

/** Who of the tenant is here. */
export async function presence(): Promise<{ hub_user_id: string; presence: Presence }[]> {
  return (await get<{ hub_user_id: string; presence: Presence }[]>(path('presence'))).data
}

/** Colleagues whose id or name has `q` in it. */
export async function people(q: string, limit: number): Promise<User[]> {
  return (await get<User[]>(path('users'), { q: q === '' ? undefined : q, limit: String(limit) })).data
}

/** Messages with a text, newest first; `next` is where the list goes on. */
export async function search(q: string, roomId: string | null, before: string | null): Promise<{ found: Message[]; next: string | null }> {
  const { data, headers } = await get<Message[]>(path('messages', 'search'), {
    q,
    room_id: roomId ?? undefined,
    before: before ?? undefined,
    limit: '30',
  })
  return { found: data, next: headers.get('X-Next-Cursor') }
}

/** What is sent of a message. The same `client_id` twice is one message. */
export interface Outgoing {
  room_id: string
  body: string
  msg_type?: string
  reply_to?: string
  mentions?: string[]
  client_id: string
}

/** Sends a message; answers it as the service has it. */
export function sendMessage(message: Outgoing): Promise<Message> {
  return post<Message>(path('messages', 'send'), message)
}

/** Changes the text of an own message. */
export function editMessage(eventId: string, body: string): Promise<Message> {
  return post<Message>(path('messages', eventId), { body }, 'PATCH')
}

/** Deletes a message. */
export async function deleteMessage(eventId: string): Promise<void> {
  await send(new Request(at(path('messages', eventId)), { method: 'DELETE' }))
}

/** Reacts to a message, or takes that back. */
export async function react(eventId: string, emoji: string, removed: boolean): Promise<void> {
  if (removed) await send(new Request(at(path('messages', eventId, 'reactions', emoji)), { method: 'DELETE' }))
  else await post<Reaction | EmojiReactions>(path('messages', eventId, 'reactions'), { emoji })
}

/** Says that a room was read up to a message. */
export function markRead(roomId: string, eventId: string): Promise<void> {
  return post(path('rooms', roomId, 'read'), { event_id: eventId })
}

/** Says whether one types. */
export function typing(roomId: string, types: boolean): Promise<void> {
  return post(path('rooms', roomId, 'typing'), { typing: types }, 'PUT')
}

/** Makes a group. */
export async function createGroup(name: string, topic: string, people: string[]): Promise<Room> {
  const body = { room_type: 'group', name, topic: topic === '' ? null : topic, invite_users: people }
  return roomOf(await post<ApiRoom>(path('rooms'), body))
}

/** Opens one's room with the support team. */
export async function openSupport(): Promise<Room> {
  return roomOf(await post<ApiRoom>(path('rooms'), { room_type: 'support' }))
}

/** Opens the direct room with somebody. */
export async function createDirect(hubUserId: string): Promise<Room> {
  return roomOf(await post<ApiRoom>(path('rooms', 'dm', hubUserId), {}))
}

/** Changes name and topic of a room. */
export async function changeRoom(roomId: string, change: { name?: string; topic?: string }): Promise<Room> {
  return roomOf(await post<ApiRoom>(path('rooms', roomId), change, 'PATCH'))
}

/** Leaves a room. */
export async function leaveRoom(roomId: string): Promise<void> {
  await send(new Request(at(path('rooms', roomId, 'leave')), { method: 'POST' }))
}

/** Adds somebody to a room. */
export function addMember(roomId: string, hubUserId: string): Promise<Member> {
  return post<Member>(path('rooms', roomId, 'members'), { hub_user_id: hubUserId })
}

/** Takes somebody out of a room. */
export async function removeMember(roomId: string, hubUserId: string): Promise<void> {
  await send(new Request(at(path('rooms', roomId, 'members', hubUserId)), { method: 'DELETE' }))
}

/** A link to a file that works without the token for ten minutes. */
export async function mediaLink(url: string): Promise<string> {
  const { data } = await api.POST('/api/v1/media/{server}/{media_id}/link', { params: { path: mediaPath(url) } })
  return data?.url ?? url
}

/** The server and the id in a file's path. */
export function mediaPath(url: string): { server: string; media_id: string } {
  const [, , , , server = '', media_id = ''] = new URL(url, location.origin).pathname.split('/')
  return { server: decodeURIComponent(server), media_id: decodeURIComponent(media_id) }
}
