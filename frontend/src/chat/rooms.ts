import { useI18n } from 'vue-i18n'
import { isUnseen, oneLine, shownFileName } from '@/chat/format'
import type { Room, RoomKind } from '@/chat/model/types'
import { useSession } from '@/session/session'

/** The sections of the list, in their order. */
export const sections = ['general', 'direct', 'groups', 'entity', 'support'] as const
export type Section = (typeof sections)[number]

const sectionOf: Record<RoomKind, Section> = { general: 'general', dm: 'direct', group: 'groups', therapy: 'groups', entity: 'entity', support: 'support' }

const weight = (room: Room): number => (room.urgent_unread ? 2 : room.unread_count > 0 ? 1 : 0)

/** The rooms in their sections; inside one, what is urgent comes first, then what is unread, then as they came. */
export function inSections(rooms: Room[]): { section: Section; rooms: Room[] }[] {
  const found = new Map<Section, Room[]>()
  for (const room of rooms) {
    const section = sectionOf[room.room_type]
    const there = found.get(section)
    if (there === undefined) found.set(section, [room])
    else there.push(room)
  }
  return sections.flatMap((section) => {
    const there = found.get(section)
    return there === undefined ? [] : [{ section, rooms: there.sort((a, b) => weight(b) - weight(a)) }]
  })
}

/** What a message says in one line. */
type Last = NonNullable<Room['last_message']>

export interface RoomWords {
  /** The room's name; a room that has none, or none that can be seen, is called by its kind. */
  title: (room: Room) => string
  /** Its last message in one line, with who wrote it. */
  preview: (room: Room) => string
}

export function useRoomWords(): RoomWords {
  const { t } = useI18n()
  const session = useSession()

  const title = (room: Room): string => {
    const name = room.name ?? ''
    return isUnseen(name) ? t(`chat.kind.${room.room_type}`) : name
  }

  const said = (last: Last): string => {
    if (last.deleted) return t('chat.deleted')
    if (last.notification) return oneLine(last.notification.title)
    if (last.msg_type === 'm.image') return t('chat.preview.image')
    if (last.url) return shownFileName(last.filename ?? last.body)
    return oneLine(last.body)
  }

  const preview = (room: Room): string => {
    const last = room.last_message
    if (!last) return room.topic ? oneLine(room.topic) : t('chat.preview.none')
    const text = said(last)
    if (last.notification) return text
    if (last.hub_user_id === session.me?.hub_user_id) return t('chat.preview.you', { text })
    return room.room_type === 'dm' ? text : `${last.sender_display_name}: ${text}`
  }

  return { title, preview }
}
