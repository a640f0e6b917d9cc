import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useLive } from '@/live/live'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useSession } from '@/session/session'
import { toast } from '@/ui/toasts'
import { alertOf, badge, NEWS_MS, type Alert, type NotifyChoices } from './alerts'
import { keep, readKept } from './kept'
import { useRooms } from './rooms'
import { useTimelines } from './timelines'
import type { Message } from './types'

export type { NotifyChoices } from './alerts'

const KEY = 'messenger.notify'
const DEFAULTS: NotifyChoices = { desktop: true, sound: false, mentionsOnly: false }
/** More than this at once is told as a number. */
const EACH = 3

/** What was chosen. Shared by the settings page and the chat. */
export const notifyChoices = ref<NotifyChoices>({ ...DEFAULTS, ...readKept<Partial<NotifyChoices>>(KEY) })

/** What the browser says of its notifications; `unsupported` where it has none (a page without TLS, some phones). */
export const desktopPermission = ref<NotificationPermission | 'unsupported'>(permission())

function permission(): NotificationPermission | 'unsupported' {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.permission
}

/** Changes and keeps choices. */
export function chooseNotify(change: Partial<NotifyChoices>): void {
  notifyChoices.value = { ...notifyChoices.value, ...change }
  keep(KEY, notifyChoices.value)
}

/** Asks the browser whether it may notify; to be called by a click. */
export async function askForDesktop(): Promise<NotificationPermission | 'unsupported'> {
  if (typeof Notification !== 'undefined') await Notification.requestPermission()
  desktopPermission.value = permission()
  return desktopPermission.value
}

// Another tab of the same person chose.
addEventListener('storage', (event) => {
  if (event.key === KEY) notifyChoices.value = { ...DEFAULTS, ...readKept<Partial<NotifyChoices>>(KEY) }
})

/** Tells of what happens in other rooms, and counts in the title. Started once, by the chat. */
export const useNotify = defineStore('notify', () => {
  const live = useLive()
  const session = useSession()
  const rooms = useRooms()
  const timelines = useTimelines()
  const { t } = i18n.global
  const started = ref(false)

  const attentive = (): boolean => !document.hidden && document.hasFocus()

  function open({ roomId, eventId }: Pick<Alert, 'roomId' | 'eventId'>): void {
    void router.push({ name: 'room', params: { roomId, eventId } })
  }

  function asToast(alerts: Alert[]): void {
    const told = alerts.filter((alert) => alert.personal && !timelines.openRooms.has(alert.roomId))
    const urgent = told.filter((alert) => alert.urgent)
    const rest = told.filter((alert) => !alert.urgent)
    for (const alert of [...(rest.length > EACH ? [] : rest), ...urgent]) {
      toast({
        kind: alert.urgent ? 'urgent' : 'info',
        title: alert.title,
        text: alert.text,
        action: { label: t('chat.notify.open'), run: () => open(alert) },
      })
    }
    if (rest.length > EACH) toast({ title: t('chat.notify.many', { count: rest.length }, rest.length) })
  }

  function asDesktop(alerts: Alert[]): void {
    const { desktop, sound, mentionsOnly } = notifyChoices.value
    if (!desktop || permission() !== 'granted') return
    const told = alerts.filter((alert) => alert.personal || !mentionsOnly)
    const last = told.at(-1)
    if (last === undefined) return
    if (told.length > EACH) {
      pop({ ...last, title: t('chat.notify.many', { count: told.length }, told.length), urgent: told.some((alert) => alert.urgent) }, sound)
    } else {
      for (const alert of told) pop(alert, sound)
    }
  }

  function pop(alert: Alert, sound: boolean): void {
    try {
      // The tag keeps two tabs that cannot agree from telling twice.
      const note = new Notification(alert.title, {
        body: alert.text,
        tag: alert.eventId,
        icon: '/favicon.svg',
        silent: !sound,
        requireInteraction: alert.urgent,
      })
      note.onclick = () => {
        window.focus()
        open(alert)
        note.close()
      }
    } catch {
      // Some phones know notifications only from a service worker.
    }
  }

  /** Messages of rooms that are not known yet: only the room says whether they are for this person alone, and what it is called. */
  let waiting: Message[] = []

  /** Tells of messages. Those of a room that is on its way wait for it: a new conversation's first message may come before it. */
  function tell(messages: Message[]): void {
    const now = Date.now()
    waiting = waiting.filter((message) => now - Date.parse(message.sent_at) <= NEWS_MS)
    const alerts: Alert[] = []
    for (const message of messages) {
      const room = rooms.byId(message.room_id)
      const alert = alertOf(message, room, session.me?.hub_user_id ?? '', now)
      if (alert === null) continue
      // A notification says all by itself.
      if (room === undefined && message.notification == null) waiting.push(message)
      else alerts.push(alert)
    }
    if (!started.value || alerts.length === 0) return
    if (attentive()) asToast(alerts)
    else if (live.leads && !live.anyFocused()) asDesktop(alerts)
  }

  live.on((events) => {
    tell(events.flatMap((event) => (event.type === 'new_message' || event.type === 'notification' ? [event.message] : [])))
  })

  watch(
    () => rooms.list,
    () => {
      if (waiting.length === 0) return
      const waited = waiting
      waiting = []
      tell(waited)
    },
  )

  watch([started, () => rooms.unreadTotal, () => rooms.urgentAny, () => t('common.app')], ([on, unread, urgent, app]) => {
    document.title = (on ? badge(unread, urgent) : '') + app
  })

  /** Begins to tell. Calling it again does nothing. */
  function start(): void {
    started.value = true
  }

  /** Ends it. */
  function stop(): void {
    started.value = false
  }

  return { start, stop }
})
