import type { Locator, Page } from '@playwright/test'
import { expect } from './test'

/** The address of a room, or of a message in it. */
export function roomPath(room: { room_id: string }, eventId?: string): string {
  const path = `/rooms/${encodeURIComponent(room.room_id)}`
  return eventId === undefined ? path : `${path}/${encodeURIComponent(eventId)}`
}

/** The parts of the chat as somebody finds them, in English. */
export class Chat {
  readonly page: Page
  readonly rooms: Locator
  readonly timeline: Locator
  readonly messages: Locator
  readonly composer: Locator
  readonly sendButton: Locator
  readonly toasts: Locator

  constructor(page: Page) {
    this.page = page
    this.rooms = page.getByRole('navigation', { name: 'Rooms' })
    this.timeline = page.getByRole('log')
    this.messages = this.timeline.getByRole('article')
    this.composer = page.getByLabel(/^Message to /)
    this.sendButton = page.getByRole('button', { name: 'Send', exact: true })
    this.toasts = page.getByTestId('toasts').getByRole('listitem')
  }

  /** The messages with this text in them. */
  message(text: string | RegExp): Locator {
    return this.messages.filter({ hasText: text })
  }

  /** The room's entry in the list. */
  room(name: string | RegExp): Locator {
    return this.rooms.getByRole('link', { name })
  }

  /** Writes and sends by keyboard. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Puts the mouse over a message, so that its deeds are there. */
  async point(message: Locator): Promise<void> {
    await expect(async () => {
      // The message may have moved away from under the mouse, and only a mouse that comes to it is noticed.
      await this.page.mouse.move(0, 0)
      await message.hover()
      await expect(message.getByRole('toolbar')).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 20_000 })
  }

  /** One of the deeds that stand at a message when the mouse is over it. */
  async deed(message: Locator, name: string): Promise<void> {
    await this.point(message)
    await message.getByRole('toolbar').getByRole('button', { name, exact: true }).click()
  }

  /** One of the deeds in the menu of a message. */
  async menu(message: Locator, name: string): Promise<void> {
    await this.deed(message, 'More')
    await this.page.getByRole('menuitem', { name, exact: true }).click()
  }

  /** The pages hear what happens: from now on they miss nothing that is told only once, such as who types or what comes as a toast. */
  async hears(): Promise<void> {
    await expect(this.page.locator('[data-live="live"]')).toBeAttached()
  }

  /** The room is there, and hears what happens. */
  async live(): Promise<void> {
    await this.hears()
    await expect(this.composer.or(this.page.getByTestId('composer-silent'))).toBeVisible()
  }

  /** The network goes, and the pages have noticed. */
  async goOffline(): Promise<void> {
    await this.page.context().setOffline(true)
    await expect(this.page.locator('[data-live="offline"]')).toBeAttached()
  }

  /** Goes to the end of the room, where this message is, if the end is not in sight. */
  async toNewest(text: string): Promise<void> {
    const pill = this.page.getByRole('button', { name: /^To the newest$|new messages?$/ })
    await expect(async () => {
      if (await pill.isVisible()) await pill.click({ timeout: 1_000 })
      await expect(this.message(text)).toBeInViewport({ timeout: 1_000 })
    }).toPass({ timeout: 20_000 })
  }

  /** The texts of the messages that are on the screen, in their order. */
  async inSight(): Promise<string[]> {
    return this.timeline.evaluate((log) => {
      const box = log.getBoundingClientRect()
      return Array.from(log.querySelectorAll('article'))
        .filter((article) => {
          const { top, bottom } = article.getBoundingClientRect()
          return bottom > box.top && top < box.bottom
        })
        .map((article) => article.querySelector('.said')?.textContent.trim() ?? '')
    })
  }

  /** The timeline has found its place: rows are measured as they are shown, and nothing tells when that is over. */
  async rest(): Promise<void> {
    const still = (): Promise<boolean> =>
      this.timeline.evaluate(async (log) => {
        const at = (): string => [log.scrollTop, log.scrollHeight, log.ariaBusy].join()
        // Rows are measured in frames, which are rare where the machine has much to do.
        const frames = async (): Promise<void> => {
          for (let n = 0; n < 4; n += 1) await new Promise(requestAnimationFrame)
        }
        await frames()
        const before = at()
        await new Promise((resolve) => setTimeout(resolve, 400))
        await frames()
        return log.ariaBusy !== 'true' && at() === before
      })
    await expect.poll(still).toBe(true)
  }

  /** Scrolls by so many screens, upwards when negative, from where the timeline rests to where it rests again. */
  async scroll(screens: number): Promise<void> {
    await this.rest()
    await this.scrollOn(screens)
    await this.rest()
  }

  /** Scrolls on while the timeline may still be moving, as a wheel does. */
  async scrollOn(screens: number): Promise<void> {
    await this.timeline.evaluate((log, by) => {
      log.scrollBy(0, by * log.clientHeight)
    }, screens)
  }
}

/** Nothing is wider than the screen. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { wide, screen } = await page.evaluate(() => ({
    wide: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
    screen: document.documentElement.clientWidth,
  }))
  expect(wide).toBeLessThanOrEqual(screen)
}
