/**
 * A name that nothing else has. `crypto.randomUUID` is missing where a page is served without TLS, as on a terminal in a
 * closed network.
 */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
