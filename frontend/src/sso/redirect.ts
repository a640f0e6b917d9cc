/** Where the browser may never be sent, whatever the service answers. */
const FORBIDDEN = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'filesystem:', 'blob:', 'about:', 'view-source:'])

/** The address that a client wants to go on at; `null` where it is none, or one that nobody may be sent to. */
export function targetOf(text: string | null): URL | null {
  if (text === null) return null
  try {
    const url = new URL(text)
    return FORBIDDEN.has(url.protocol) ? null : url
  } catch {
    return null
  }
}

/** Whether an address is a web page, rather than an application on the device. */
export function isPage(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

/** Where an address leads, in the words that a person can check: the host of a page, the scheme of an application. */
export function nameOf(url: URL): string {
  return isPage(url) ? url.host : url.protocol.slice(0, -1)
}

/**
 * Where the browser goes on: the address that the service answered, if it leads where the person agreed to go, else `null`.
 */
export function agreed(target: URL, answered: string): URL | null {
  const onwards = targetOf(answered)
  return onwards?.protocol === target.protocol && onwards.host === target.host ? onwards : null
}
