// Asks whether a Matrix client may sign in as whoever is signed in at the hub, and sends the browser back to the client with
// a login token (contract R71). Nothing happens without the click, and everything from outside is shown as text only.
import type { LoginToken, Me } from '@/api/schema'
import de from '@/i18n/de/sso'
import en from '@/i18n/en/sso'
import { cookieToken, storedToken } from '@/session/sources'
import { readableClient } from './client'
import { startLanguage, startTheme } from './look'
import { agreed, isPage, nameOf, targetOf } from './redirect'
import '@/styles/base.css'
import './sso.css'

const WORDS: Record<'de' | 'en', typeof en> = { de, en }
/** A client's address is as long as an address is; what is longer is cut. */
const LONGEST_ADDRESS = 100

interface DemoPerson {
  display_name: string
  role: string
  token: string
}

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`no #${id}`)
  return found as T
}

startTheme()
const words = WORDS[startLanguage()]
const query = new URLSearchParams(location.search)
const target = targetOf(query.get('redirectUrl'))
const fromFragment = takeFragment()
const demoPeople = loadDemoPeople()
let token: string | null = null

/** The token of `#token=` or `#hub_token=`, which is taken out of the address and the history, and kept nowhere. */
function takeFragment(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const found = fragment.get('token') ?? fragment.get('hub_token')
  if (found !== null) history.replaceState(null, '', location.pathname + location.search)
  return found
}

/** The people that one may be in development; nobody elsewhere. */
async function loadDemoPeople(): Promise<DemoPerson[]> {
  try {
    const answer = await fetch('/api/v1/dev/people', { credentials: 'omit' })
    return answer.ok ? ((await answer.json()) as DemoPerson[]) : []
  } catch {
    return []
  }
}

/** Shows one of the sections, or none, under this title, and has it read out. */
function show(section: 'ask' | 'signed-out' | null, title: string, message = ''): void {
  for (const id of ['ask', 'signed-out']) element(id).hidden = id !== section
  element('title').textContent = title
  element('message').textContent = message
  document.title = title
  element('title').focus()
}

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token ?? ''}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
  })
  return { status: answer.status, body: await answer.json() }
}

async function failed(status: number): Promise<void> {
  if (status === 422) {
    show(null, words.refused, words.refusedMessage)
    return
  }
  // Those who could be chosen are there before it is read out that somebody has to be.
  await showDemoPeople()
  if (status === 401) show('signed-out', words.signedOut, words.signedOutMessage)
  else if (status === 403) show('signed-out', words.forbidden, words.forbiddenMessage)
  else show('signed-out', words.failed, status === 429 ? words.tooMany : words.failedMessage)
  const steps = element('signed-out').querySelector('ol')
  if (steps !== null) steps.hidden = status !== 401
}

async function showDemoPeople(): Promise<void> {
  const people = await demoPeople
  element('demo').hidden = people.length === 0
  element('paste').hidden = people.length === 0
  element('people').replaceChildren(
    ...people.map((person) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'quiet'
      button.textContent = `${person.display_name} (${person.role})`
      button.addEventListener('click', () => void ask([person.token]))
      const item = document.createElement('li')
      item.append(button)
      return item
    }),
  )
}

/** Those that were tried last, so that it is noticed when there are others. */
let tried = ''

/** Those there are. The browser's own sign-in counts before a token that somebody has put into the address. */
function tokens(): (string | null)[] {
  return [storedToken(), cookieToken(), fromFragment]
}

/** Looks who is signed in and asks them. */
async function ask(candidates: (string | null)[]): Promise<void> {
  if (target === null) {
    show(null, words.refused, words.refusedMessage)
    return
  }
  show(null, words.loading)
  tried = tokens().join()
  let status = 401
  for (const candidate of candidates) {
    // What is no token goes into no header.
    if (candidate === null || !/^[\w.~+/=-]+$/.test(candidate)) continue
    token = candidate
    try {
      const me = await call('GET', '/users/me')
      if (me.status === 200) {
        question(target, me.body as Me)
        return
      }
      status = me.status
    } catch {
      status = 0
    }
  }
  token = null
  await failed(status)
}

function question(where: URL, person: Me): void {
  element('target').textContent = nameOf(where)
  element('target-kind').textContent = isPage(where) ? words.page : words.app
  element('client').textContent = readableClient(query.get('client') ?? '') || words.unknown
  element('address').textContent = (query.get('address') ?? '').slice(0, LONGEST_ADDRESS) || words.unknown
  element('person').textContent = `${person.display_name} (${person.hub_user_id})`
  element('account').textContent = person.matrix_user_id
  element<HTMLButtonElement>('allow').disabled = false
  show('ask', words.title)
}

async function allow(where: URL): Promise<void> {
  element<HTMLButtonElement>('allow').disabled = true
  element('message').textContent = words.allowing
  try {
    // As the client wrote it: the service gives the token for exactly this address.
    const answer = await call('POST', '/users/me/external-client/login-token', { redirect_url: query.get('redirectUrl') })
    if (answer.status !== 200) {
      await failed(answer.status)
      return
    }
    const onwards = agreed(where, (answer.body as LoginToken).redirect_to)
    if (onwards === null) {
      await failed(422)
      return
    }
    // An application opens beside this page, which stays.
    if (!isPage(onwards)) {
      element<HTMLAnchorElement>('continue').href = onwards.href
      element('onwards').hidden = false
    }
    show(null, words.title, words.allowed)
    location.replace((answer.body as LoginToken).redirect_to)
  } catch {
    await failed(0)
  }
}

for (const place of document.querySelectorAll<HTMLElement>('[data-text]')) {
  place.textContent = words[place.dataset['text'] as keyof typeof words]
}
element('allow').addEventListener('click', () => {
  if (target !== null) void allow(target)
})
element('cancel').addEventListener('click', () => {
  token = null
  show(null, words.cancelled, words.cancelledMessage)
})
element('again').addEventListener('click', () => void ask(tokens()))
element('paste').addEventListener('submit', (event) => {
  event.preventDefault()
  void ask([element<HTMLInputElement>('token').value.trim()])
})
// Somebody has signed in in another tab.
for (const sign of ['storage', 'focus']) {
  addEventListener(sign, () => {
    if (!element('signed-out').hidden && tokens().join() !== tried) void ask(tokens())
  })
}
void ask(tokens())
