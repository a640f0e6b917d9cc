// What `<script src="https://…/widget.js">` loads: makes the element known, and puts one at the window's edge when the tag says
// where the service is.
import { define } from './element'

const OPTIONS = ['service', 'token-key', 'language', 'theme'] as const

// A module has no current script; its tag is then found by its address.
const script = document.currentScript ?? document.querySelector<HTMLScriptElement>('script[data-service][src*="widget.js"]')

define()

function mount(tag: HTMLElement): void {
  const widget = document.createElement('hub-messenger-widget')
  for (const option of OPTIONS) {
    const value = tag.getAttribute(`data-${option}`)
    if (value) widget.setAttribute(option, value)
  }
  // Left empty, it is where the script came from.
  if (!widget.hasAttribute('service')) widget.setAttribute('service', new URL((tag as HTMLScriptElement).src).origin)
  widget.toggleAttribute('floating', true)
  document.body.append(widget)
}

if (script instanceof HTMLElement && script.hasAttribute('data-service')) {
  if (document.readyState === 'loading') {
    addEventListener('DOMContentLoaded', () => {
      mount(script)
    })
  } else mount(script)
}
