import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test'
import { Hub, type Person } from './hub'
import { setting } from './settings'

/** How somebody looks at the pages; `language` and `theme` are what the system asks for. */
export interface Look {
  language?: 'de-DE' | 'en-GB'
  theme?: 'light' | 'dark'
  viewport?: { width: number; height: number }
  /** A phone: touch instead of a mouse. */
  touch?: boolean
}

/** Where the pages have to work. */
export const viewports = {
  phone: { viewport: { width: 390, height: 844 }, touch: true },
  terminal: { viewport: { width: 1024, height: 768 }, touch: true },
  desk: { viewport: { width: 1440, height: 900 } },
} satisfies Record<string, Look>

interface Fixtures {
  hub: Hub
  /** Opens a page as somebody who is signed in at the hub, or as nobody, in a browser of their own. */
  open: (person: Person | null, path?: string, look?: Look) => Promise<Page>
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern
  hub: async ({}, use) => {
    await use(new Hub())
  },

  open: async ({ browser }, use) => {
    const faults: string[] = []
    const contexts: BrowserContext[] = []
    const open = async (person: Person | null, path = '/', look: Look = {}): Promise<Page> => {
      const context = await browser.newContext({ ...options(look), storageState: signedIn(person) })
      contexts.push(context)
      context.on('weberror', (error) => faults.push(`${error.page()?.url() ?? ''}: ${error.error().message}`))
      context.on('console', (message) => {
        // The trace that is kept of a failed test reads pictures by itself.
        if (message.text().startsWith("Connecting to 'blob:")) return
        if (/content security policy|\[vue warn\]|\[intlify\]/i.test(message.text())) faults.push(message.text())
      })
      const page = await context.newPage()
      await page.goto(path)
      return page
    }
    await use(open)
    // What a test does to a request may not be done yet, and is no fault of the next test.
    await Promise.all(contexts.flatMap((context) => context.pages()).map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })))
    // Nobody closes them but us, and pages that stay open go on listening to the service.
    await Promise.all(contexts.map((context) => context.close()))
    // Whatever a test is about: no error is left over, and nothing asks for what the policy forbids.
    expect(faults).toEqual([])
  },
})

export { expect }

function options({ language, theme, viewport, touch }: Look): BrowserContextOptions {
  return {
    ...(language && { locale: language }),
    ...(theme && { colorScheme: theme }),
    ...(viewport && { viewport }),
    ...(touch && { hasTouch: true }),
  }
}

/** What the hub keeps in the browser of somebody who is signed in (contract A063). */
function signedIn(person: Person | null): BrowserContextOptions['storageState'] {
  const localStorage = person === null ? [] : [{ name: 'hub_token', value: person.token }]
  return { cookies: [], origins: [{ origin: new URL(setting('E2E_BASE_URL')).origin, localStorage }] }
}
