import { useEventListener, useResizeObserver } from '@vueuse/core'
import { nextTick, watch, type Ref } from 'vue'

/** Where something that floats stands: above or below its button, along one of its edges. */
export interface Place {
  side: 'top' | 'bottom'
  align: 'start' | 'center' | 'end'
}

/** Pixels to the button, and to the edge of the window. */
const GAP = 4
const EDGE = 8
/** A press on the button of something open closes it before the button hears of the press. */
const SAME_PRESS_MS = 300

interface Floating {
  /** To be called when the button is pressed. */
  press: (event: MouseEvent) => void
  /** The button itself. */
  button: () => HTMLElement | null
  /** Closes it; the focus goes back to the button. */
  close: () => void
}

/**
 * A panel that floats beside a button, by the browser's own popovers: above everything, closed by Escape and by a press elsewhere.
 * `anchor` is around the button, `panel` exists while it is open, `begin` puts the focus into it.
 */
export function useFloating(
  open: Ref<boolean>,
  anchor: Ref<HTMLElement | null>,
  panel: Ref<HTMLElement | null>,
  kind: 'menu' | 'dialog',
  place: () => Place,
  begin: (panel: HTMLElement) => void,
): Floating {
  let closedAt = -Infinity
  const button = (): HTMLElement | null => anchor.value?.querySelector<HTMLElement>('button, a') ?? null

  function put(): void {
    const floating = panel.value
    const beside = button()?.getBoundingClientRect()
    if (!floating || !beside) return
    const { side, align } = place()
    const { offsetWidth: width, offsetHeight: height } = floating
    const below = beside.bottom + GAP
    const above = beside.top - GAP - height
    const roomBelow = below + height <= innerHeight - EDGE
    const top = side === 'bottom' ? (roomBelow || above < EDGE ? below : above) : above >= EDGE || !roomBelow ? above : below
    const left = { start: beside.left, center: beside.left + (beside.width - width) / 2, end: beside.right - width }[align]
    floating.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - EDGE - height))}px`
    floating.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - EDGE - width))}px`
  }

  function tell(): void {
    const to = button()
    to?.setAttribute('aria-haspopup', kind)
    to?.setAttribute('aria-expanded', String(open.value))
    if (open.value) to?.setAttribute('data-state', 'open')
    else to?.removeAttribute('data-state')
  }

  function close(): void {
    if (panel.value?.contains(document.activeElement)) button()?.focus({ preventScroll: true })
    open.value = false
  }

  watch(
    [open, anchor],
    async ([is]) => {
      await nextTick()
      tell()
      const floating = panel.value
      if (!is || !floating || floating.matches(':popover-open')) return
      floating.showPopover()
      put()
      begin(floating)
    },
    { immediate: true },
  )
  useEventListener(panel, 'toggle', (event) => {
    if ((event as ToggleEvent).newState !== 'closed') return
    closedAt = event.timeStamp
    close()
  })
  // A search field would keep the first Escape for itself.
  useEventListener(panel, 'keydown', (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    close()
  })
  // The focus that goes elsewhere leaves it.
  useEventListener(panel, 'focusout', (event) => {
    if (event.relatedTarget instanceof Node && !panel.value?.contains(event.relatedTarget)) open.value = false
  })
  useResizeObserver(panel, put)
  useEventListener(window, 'resize', put)
  useEventListener(window, 'scroll', put, { capture: true, passive: true })

  return {
    press: (event) => {
      if (event.detail > 0 && event.timeStamp - closedAt < SAME_PRESS_MS) return
      open.value = !open.value
    },
    button,
    close,
  }
}
