import { createParser } from 'eventsource-parser'
import { parseEvent, type LiveEvent } from './events'

/**
 * Reads server-sent events from a body until it ends. Resolves at its end, rejects when it breaks; `onEvents` gets all
 * events of one piece together, so that a burst is one call.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvents: (events: LiveEvent[]) => void,
  onBytes: () => void,
): Promise<void> {
  let piece: LiveEvent[] = []
  const parser = createParser({
    onEvent({ data, id }) {
      const event = parseEvent(data, id)
      if (event !== null) piece.push(event)
    },
  })
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onBytes()
    parser.feed(decoder.decode(value, { stream: true }))
    if (piece.length > 0) {
      const events = piece
      piece = []
      onEvents(events)
    }
  }
}
