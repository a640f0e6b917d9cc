import { expect } from './test'
import type { Chat } from './chat'

interface Shown {
  key: string
  text: string
}

/** What is on the screen now, top to bottom, and whether it goes on above and below. */
async function look(chat: Chat): Promise<{ shown: Shown[]; top: boolean; bottom: boolean }> {
  return chat.timeline.evaluate(async (log) => {
    // The list draws what a scroll has brought into sight in frames of its own.
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame)
    const box = log.getBoundingClientRect()
    const shown = Array.from(log.querySelectorAll<HTMLElement>('article'))
      .map((article) => ({ article, rect: article.getBoundingClientRect() }))
      .filter(({ rect }) => rect.bottom > box.top + 1 && rect.top < box.bottom - 1)
      .sort((a, b) => a.rect.top - b.rect.top)
      .map(({ article }) => ({
        key: article.dataset['event'] ?? article.dataset['key'] ?? '',
        text: article.querySelector('.said, .gone')?.textContent.trim() ?? '',
      }))
    const bottom = log.scrollTop + log.clientHeight >= log.scrollHeight - 2
    return { shown, top: log.scrollTop <= 1, bottom }
  })
}

/** Puts what is seen now to what was seen before. They overlap, or something between them was never shown. */
function joined(known: Shown[], shown: Shown[], upwards: boolean): Shown[] {
  const keys = shown.map(({ key }) => key)
  expect(new Set(keys).size, `nothing is shown twice: ${shown.map(({ text }) => text).join(', ')}`).toBe(keys.length)
  if (known.length === 0) return shown
  const at = known.findIndex(({ key }) => keys.includes(key))
  expect(at, `a gap between ${known[0]?.text ?? ''} … ${known.at(-1)?.text ?? ''} and ${shown.map(({ text }) => text).join(', ')}`).toBeGreaterThanOrEqual(0)
  const from = keys.indexOf(known[at]?.key ?? '')
  const overlap = Math.min(known.length - at, keys.length - from)
  expect(keys.slice(from, from + overlap), 'the order stays').toEqual(known.slice(at, at + overlap).map(({ key }) => key))
  return upwards ? [...shown.slice(0, from), ...known.slice(Math.max(0, at - from))] : [...known.slice(0, at), ...known.slice(at, at + overlap), ...shown.slice(from + overlap), ...known.slice(at + overlap)]
}

/** Scrolls in steps shorter than the screen until `text` is the first (upwards) or the last one on the screen; all that was seen. */
export async function scrollTo(chat: Chat, upwards: boolean, text: string): Promise<string[]> {
  let known: Shown[] = []
  await chat.rest()
  await expect(async () => {
    for (;;) {
      const { shown, top, bottom } = await look(chat)
      known = joined(known, shown, upwards)
      const end = upwards ? known[0] : known.at(-1)
      if (end?.text === text) return
      if (upwards ? top : bottom) break
      await chat.scrollOn(upwards ? -0.8 : 0.8)
    }
    // The end of what is loaded: more is on its way.
    expect((upwards ? known[0] : known.at(-1))?.text).toBe(text)
  }).toPass({ timeout: 100_000, intervals: [100] })
  return known.map((one) => one.text)
}
