/**
 * What these pages keep in the browser belongs to whoever was signed in: drafts, for instance. Another person at the same
 * terminal must not find it. What is said of the device rather than of the person stays.
 */
const PREFIX = 'messenger.'
const WHOSE = 'messenger.person'
const OF_THE_DEVICE = new Set(['messenger.theme', 'messenger.language', 'messenger.notify', 'messenger.token'])

/** Says whose the kept things are from now on; those of somebody else are removed. */
export function belongsTo(hubUserId: string): void {
  try {
    const former = localStorage.getItem(WHOSE)
    if (former !== null && former !== hubUserId) clearPersonal()
    localStorage.setItem(WHOSE, hubUserId)
  } catch {
    // Nothing is kept where storage is switched off.
  }
}

/** Removes what is kept of a person. */
export function clearPersonal(): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && !OF_THE_DEVICE.has(key)) localStorage.removeItem(key)
  }
}
