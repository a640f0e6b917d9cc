import { ref } from 'vue'

/** A short note at the edge. It goes by itself; one that is urgent or has something to do stays until it is closed. */
export interface Toast {
  id: number
  title: string
  text?: string
  kind: 'info' | 'error' | 'urgent'
  action?: { label: string; run: () => void }
}

export const toasts = ref<Toast[]>([])
let last = 0
const STAYS_MS = 6000
const MOST = 4

/** Shows one, and answers its id. */
export function toast(note: Omit<Toast, 'id' | 'kind'> & { kind?: Toast['kind'] }): number {
  const id = ++last
  toasts.value = [...toasts.value, { kind: 'info' as const, ...note, id }].slice(-MOST)
  if (note.kind !== 'urgent') setTimeout(() => closeToast(id), STAYS_MS)
  return id
}

/** Takes it away. */
export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((shown) => shown.id !== id)
}
