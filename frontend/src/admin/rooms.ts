import { useI18n } from 'vue-i18n'
import type { AdminRoom } from './types'

/** What to call a room: those without a name are called after what they are for. */
export function useRoomName(): (room: AdminRoom) => string {
  const { t } = useI18n()
  return (room) => {
    if (room.name) return room.name
    if (room.entity_type) return `${room.entity_type} ${room.entity_key ?? ''}`.trim()
    return t('admin.rooms.nameless', { kind: t(`admin.kind.${room.room_type}`) })
  }
}
