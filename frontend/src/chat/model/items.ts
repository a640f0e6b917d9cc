import type { EmojiReactions, Item, Message } from './types'

/** An item made of a message of the service. `key`: that of the item that stood for it while it was on its way. */
export function itemOf(message: Message, me: string, key = message.event_id): Item {
  const at = Date.parse(message.sent_at)
  return {
    key,
    eventId: message.event_id,
    roomId: message.room_id,
    senderId: message.hub_user_id,
    senderName: message.sender_display_name,
    mine: message.hub_user_id === me,
    at: Number.isNaN(at) ? 0 : at,
    body: message.body,
    msgType: message.msg_type,
    edited: message.edited,
    editedAt: message.edited_at == null ? null : Date.parse(message.edited_at),
    deleted: message.deleted,
    reactions: message.reactions,
    replyTo: message.reply_to ?? null,
    mentions: message.mentions ?? [],
    notification: message.notification ?? null,
    file:
      message.url == null
        ? null
        : {
            url: message.url,
            local: null,
            name: message.filename ?? message.body,
            size: message.size ?? null,
            mime: message.mime_type ?? null,
          },
    state: 'sent',
    progress: null,
    error: null,
  }
}

/** What may happen to a message after it was sent. */
export type Change =
  | { kind: 'edit'; body: string; at: number; mentions?: string[] }
  | { kind: 'delete' }
  | { kind: 'react'; emoji: string; who: { hub_user_id: string; display_name: string }; removed: boolean }

/**
 * The item after a change; the same object when it changes nothing. Changes may come twice and, but for reactions of one
 * person, in any order: the newest edit counts, and what is deleted stays deleted.
 */
export function changed(item: Item, change: Change): Item {
  if (item.deleted) return item
  if (change.kind === 'delete') {
    return { ...item, deleted: true, body: '', reactions: [], file: null, mentions: [] }
  }
  if (change.kind === 'edit') {
    const older = item.editedAt !== null && change.at < item.editedAt
    const same = item.body === change.body && item.editedAt === change.at
    if (older || same) return item
    const mentions = change.mentions ?? item.mentions
    return { ...item, body: change.body, edited: true, editedAt: change.at, mentions }
  }
  const reactions = reacted(item.reactions, change.emoji, change.who, change.removed)
  return reactions === item.reactions ? item : { ...item, reactions }
}

/** The reactions after somebody added or removed theirs; the same array when that changes nothing. */
export function reacted(
  reactions: EmojiReactions[],
  emoji: string,
  who: { hub_user_id: string; display_name: string },
  removed: boolean,
): EmojiReactions[] {
  const there = reactions.find((one) => one.emoji === emoji)
  const did = there?.users.some((user) => user.hub_user_id === who.hub_user_id) ?? false
  if (did !== removed) return reactions
  if (there === undefined) return [...reactions, { emoji, count: 1, users: [who] }]
  const users = removed ? there.users.filter((user) => user.hub_user_id !== who.hub_user_id) : [...there.users, who]
  if (users.length === 0) return reactions.filter((one) => one !== there)
  return reactions.map((one) => (one === there ? { emoji, count: users.length, users } : one))
}
