import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { errorOf } from '@/api/client'
import { useSession } from '@/session/session'
import { currentToken, tokenRefused } from '@/session/token'
import { Batches } from './batches'
import { Connection, SILENCE_MS, type LiveStatus } from './connection'
import type { LiveEvent } from './events'
import { newId } from './ids'
import { browserParts, Tabs, type TabMessage } from './tabs'

export type { LiveStatus } from './connection'
export type { LiveEvent, LiveEventOf } from './events'

/** Called with what happened, in the service's order, all of about 50 ms together. `gap`: load anew what is shown. */
export type Listener = (events: LiveEvent[]) => void

/** How often a tab that somebody is at says so, and how long that counts, in milliseconds. */
const FOCUS_TOLD_MS = 15_000
const FOCUS_COUNTS_MS = 40_000

/**
 * What happens, as it happens: one connection for all tabs of a person. `start` and `stop` may be called by everybody at any
 * time; the connection exists while it is started and somebody is signed in.
 */
export const useLive = defineStore('live', () => {
  const session = useSession()
  const status = ref<LiveStatus>('connecting')
  /** When the connection went, in milliseconds UTC; `null` while there is one. */
  const since = ref<number | null>(null)
  /** Whether this tab is the one that notifies. */
  const leads = ref(false)

  const tab = newId()
  const listeners = new Set<Listener>()
  const focused = new Map<string, number>()
  let tabs: Tabs | null = null
  let connection: Connection | null = null
  let wanted = false
  let lastId: number | null = null
  /** Whether something was heard before, so that a beginning without an id has missed something. */
  let heard = false
  let lastWord = 0
  /** The token that the service did not take. */
  let refused: string | null | undefined
  let standing: (() => void)[] = []
  /** Whether somebody loaded what they show before anything was listened to. */
  let loadedDeaf = false
  let beat: ReturnType<typeof setInterval> | undefined

  const batches = new Batches<LiveEvent>((events) => {
    for (const listener of listeners) listener(events)
  })

  function show(next: LiveStatus): void {
    status.value = next
    if (next === 'live' || next === 'polling') {
      since.value = null
      heard = true
      for (const resolve of standing) resolve()
      standing = []
      if (loadedDeaf) {
        loadedDeaf = false
        batches.add([{ type: 'gap' }])
      }
    } else if (heard) {
      since.value ??= Date.now()
    }
  }

  function take(events: LiveEvent[]): void {
    for (const event of events) if (event.id !== undefined) lastId = Math.max(lastId ?? 0, event.id)
    batches.add(events.filter((event) => event.type !== 'keepalive' && event.type !== 'connected'))
  }

  /** What the tab that listens said. */
  function hear(message: TabMessage): void {
    if (message.kind === 'focus') {
      if (message.focused) focused.set(message.tab, Date.now())
      else focused.delete(message.tab)
    } else if (connection !== null) {
      if (message.kind === 'hello') tellStatus()
      else if (message.kind === 'wake') connection.wake()
    } else if (message.kind === 'status') {
      lastWord = Date.now()
      if (lastId === null) lastId = message.lastId
      show(message.status)
    } else if (message.kind === 'events') {
      lastWord = Date.now()
      // This tab slept through something.
      const missed = lastId !== null && message.after !== null && message.after > lastId
      const fresh = message.events.filter((event) => event.id === undefined || lastId === null || event.id > lastId)
      take(missed ? [{ type: 'gap' }, ...fresh] : fresh)
    }
  }

  function tellStatus(): void {
    tabs?.tell({ kind: 'status', status: status.value, lastId })
  }

  function lead(leading: boolean): void {
    leads.value = leading
    connection?.stop()
    connection = null
    if (!leading) return
    const current = new Connection(
      {
        fetch: (url, init) => fetch(url, init),
        token: currentToken,
        errorOf,
        onEvents: (events) => {
          tabs?.tell({ kind: 'events', events, after: lastId })
          take(events)
        },
        onStatus: (next) => {
          show(next)
          tellStatus()
        },
        onRefused: (token) => {
          refused = token
          tokenRefused(token)
          // Another tab may have a token that counts.
          tabs?.stepDown()
        },
        random: Math.random,
        now: Date.now,
        client: tab,
      },
      lastId,
      heard,
    )
    connection = current
    current.start()
  }

  function sayFocus(): void {
    const here = document.hasFocus()
    if (here) focused.set(tab, Date.now())
    else focused.delete(tab)
    tabs?.tell({ kind: 'focus', tab, focused: here })
  }

  /** Whether somebody is at any tab of these pages. */
  function anyFocused(): boolean {
    if (document.hasFocus()) return true
    return [...focused].some(([other, at]) => other !== tab && Date.now() - at < FOCUS_COUNTS_MS)
  }

  function wake(suspect = false): void {
    if (tabs === null) return
    if (connection !== null) connection.wake(suspect)
    else if (overdue()) tabs.takeOver()
    else tabs.tell({ kind: 'wake' })
  }

  /** Whether the tab that listens is frozen by the browser: it would have told how it is by now. */
  function overdue(): boolean {
    return !document.hidden && currentToken() !== refused && Date.now() - lastWord > SILENCE_MS
  }

  const onVisible = (): void => {
    sayFocus()
    if (!document.hidden) wake()
  }
  const onFocus = (): void => {
    sayFocus()
    wake()
  }
  const onOnline = (): void => wake(true)
  const onOffline = (): void => connection?.cut()
  const onHide = (): void => tabs?.tell({ kind: 'focus', tab, focused: false })
  const onShow = (event: PageTransitionEvent): void => {
    // Kept by the browser and shown again: nobody told it what happened meanwhile.
    if (event.persisted) take([{ type: 'gap' }])
  }

  function open(): void {
    const person = session.me?.hub_user_id
    if (tabs !== null || person === undefined) return
    tabs = new Tabs(browserParts(), `messenger.live.${person}`, hear, lead)
    tabs.start()
    lastWord = Date.now()
    beat = setInterval(() => {
      if (document.hasFocus()) sayFocus()
      if (connection !== null) tellStatus()
      else if (overdue()) tabs?.takeOver()
    }, FOCUS_TOLD_MS)
    sayFocus()
    document.addEventListener('visibilitychange', onVisible)
    addEventListener('focus', onFocus)
    addEventListener('blur', sayFocus)
    addEventListener('online', onOnline)
    addEventListener('offline', onOffline)
    addEventListener('pagehide', onHide)
    addEventListener('pageshow', onShow)
  }

  function close(): void {
    tabs?.stop()
    tabs = null
    connection?.stop()
    connection = null
    clearInterval(beat)
    document.removeEventListener('visibilitychange', onVisible)
    removeEventListener('focus', onFocus)
    removeEventListener('blur', sayFocus)
    removeEventListener('online', onOnline)
    removeEventListener('offline', onOffline)
    removeEventListener('pagehide', onHide)
    removeEventListener('pageshow', onShow)
  }

  watch(
    () => [session.state, session.me?.hub_user_id],
    () => {
      if (!wanted) return
      if (session.state === 'in') {
        open()
        // After a refused token this tab stepped down; the fresh one is a reason to try again.
        if (currentToken() !== refused) tabs?.start()
        wake()
      } else if (session.state === 'out') {
        close()
        show('offline')
      }
    },
    { flush: 'sync' },
  )

  /** Begins to listen as soon as somebody is signed in. Calling it again does nothing. */
  function start(): void {
    wanted = true
    if (session.state === 'in' || session.state === 'expired') open()
  }

  /** Ends it. */
  function stop(): void {
    wanted = false
    close()
  }

  /** Listens; answers how to stop listening. */
  function on(listener: Listener): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /**
   * Resolves when a connection stands, or after `ms` at the latest. What is loaded afterwards misses nothing: what happens
   * from then on is heard, and who did not wait for it is told `gap` when the connection stands at last.
   */
  function stands(ms = 1500): Promise<void> {
    if (heard) return Promise.resolve()
    if (status.value !== 'connecting' || tabs === null) {
      loadedDeaf = true
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        loadedDeaf = true
        resolve()
      }, ms)
      standing.push(() => {
        clearTimeout(late)
        resolve()
      })
    })
  }

  return { status, since, leads, tab, start, stop, on, stands, anyFocused }
})
