// The page `/widget`: the same element, filling an iframe. Its token comes from the address (`#hub_token=…`), from the page
// around it (`postMessage`), or from where the hub has put it.
import { startLanguage } from '@/sso/look'
import { cookieToken, storedToken, takeFragment } from '@/session/sources'
import { define } from './element'
import { fromParent, parentOrigin } from './parent'
import './page.css'

// Neither the one from the address nor the parent's is kept: this page may stand in another application.
let given: string | null | undefined = takeFragment() ?? undefined
const origin = window.parent === window ? null : parentOrigin(location, document.referrer)

define()
const options = new URLSearchParams(location.search)
const widget = document.createElement('hub-messenger-widget')
widget.toggleAttribute('full', true)
widget.setAttribute('service', location.origin)
widget.setAttribute('language', options.get('language') ?? startLanguage())
const theme = options.get('theme')
if (theme !== null) widget.setAttribute('theme', theme)
widget.tokenProvider = () => (given === undefined ? (storedToken() ?? cookieToken()) : given)

function tell(message: Record<string, unknown>): void {
  if (origin !== null) window.parent.postMessage(message, origin)
}

for (const type of ['messenger-unread', 'messenger-notification', 'messenger-token-needed']) {
  widget.addEventListener(type, (event) => {
    tell({ type, detail: (event as CustomEvent<unknown>).detail })
  })
}
addEventListener('message', (event) => {
  const message = fromParent(event, window.parent, origin)
  if (message === null) return
  given = message.token
  widget.refresh()
})
addEventListener('hashchange', () => {
  given = takeFragment() ?? given
  widget.refresh()
})

const main = document.createElement('main')
main.append(widget)
document.body.replaceChildren(main)
tell({ type: 'messenger-ready' })
