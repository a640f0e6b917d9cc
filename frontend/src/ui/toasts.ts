import { ref } from 'vue'

/**
 * A short note at the edge. It goes by itself, later when it tells of an error or has something to do; an urgent one stays until it is
 * closed. None goes while somebody points at one, or is in one with the keyboard.
 */
export interface Toast {
  id: number
  title: string
  text?: string
  kind: 'info' | 'error' | 'urgent'
  action?: { label: string; run: () => void }
}

export const toasts = ref<Toast[]>([])
let last = 0
const STAYS_MS = 6_000
/** Long enough to read it and to decide. */
const STAYS_LONG_MS = 10_000
const MOST = 4
const clocks = new Map<number, ReturnType<typeof setTimeout>>()
let held = false

function start({ id, kind, action }: Toast): void {
  if (held || kind === 'urgent') return
  const stays = kind === 'error' || action ? STAYS_LONG_MS : STAYS_MS
  clocks.set(id, setTimeout(() => closeToast(id), stays))
}

/** Shows one, and answers its id. When there are too many the oldest goes, an urgent one only if all are. */
export function toast(note: Omit<Toast, 'id' | 'kind'> & { kind?: Toast['kind'] }): number {
  const shown: Toast = { kind: 'info' as const, ...note, id: ++last }
  if (toasts.value.length >= MOST) {
    const oldest = toasts.value.find(({ kind }) => kind !== 'urgent') ?? toasts.value[0]
    if (oldest) closeToast(oldest.id)
  }
  toasts.value = [...toasts.value, shown]
  start(shown)
  return shown.id
}

/** None goes by itself as long as they are held; afterwards each has its whole time again. */
export function holdToasts(hold: boolean): void {
  held = hold
  for (const clock of clocks.values()) clearTimeout(clock)
  clocks.clear()
  if (!held) toasts.value.forEach(start)
}

/** Takes it away. */
export function closeToast(id: number): void {
  clearTimeout(clocks.get(id))
  clocks.delete(id)
  toasts.value = toasts.value.filter((shown) => shown.id !== id)
}
