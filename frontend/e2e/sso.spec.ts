import { expect, test } from './support/test'
import { setting } from './support/settings'

const TARGET = 'https://app.element.example/after?state=x'
const page_ = (target: string, more = ''): string => `/sso?redirectUrl=${encodeURIComponent(target)}${more}`

test('an app asks to be signed in: who, where to, and only after a click (contract R71)', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  await hub.call(anna, 'POST', '/users/me/external-client', {})
  const page = await open(anna, page_(TARGET, '&client=Element&address=10.0.0.7'))
  await expect(page.getByRole('heading', { name: 'Sign in to an app?' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText('app.element.example')
  await expect(page.getByRole('main')).toContainText('10.0.0.7')
  await expect(page.getByRole('main')).toContainText(`Anna (${anna.id})`)
  await page.route('https://app.element.example/**', (route) => route.fulfill({ body: 'Element' }))
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(/^https:\/\/app\.element\.example\/after\?state=x&loginToken=/)
  const token = new URL(page.url()).searchParams.get('loginToken')
  const login = async (): Promise<number> =>
    (
      await fetch(`${setting('E2E_GATEWAY_URL')}/_matrix/client/v3/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'm.login.token', token }),
      })
    ).status
  expect(await login()).toBe(200)
  // It counts once.
  expect(await login()).toBe(403)
})

test('who does not want to gives nothing away', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), page_(TARGET))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Allow' })).toBeHidden()
  expect(new URL(page.url()).pathname).toBe('/sso')
})

for (const target of ['javascript:window.hacked=1', 'data:text/html,<script>1</script>', 'nonsense', '']) {
  test(`nobody is sent to “${target}”`, async ({ hub, open }) => {
    const page = await open(await hub.person('Anna'), page_(target))
    await expect(page.getByRole('heading', { name: 'This cannot be opened' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Allow' })).toBeHidden()
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  })
}

test('nobody signed in: goes on by itself when somebody is', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(null, page_(TARGET))
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible()
  const hubTab = await page.context().newPage()
  await hubTab.goto('/favicon.svg')
  await hubTab.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, anna.token)
  await expect(page.getByRole('heading', { name: 'Sign in to an app?' })).toBeVisible()
})

test('in German', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), page_(TARGET), { language: 'de-DE' })
  await expect(page.getByRole('button', { name: 'Erlauben' })).toBeVisible()
})

test('nothing of the address runs or is shown as more than text', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), page_(TARGET, `&client=${encodeURIComponent('<img src=x onerror="window.hacked=1">')}&address=${'9'.repeat(5000)}`))
  await expect(page.getByRole('heading', { name: 'Sign in to an app?' })).toBeVisible()
  await expect(page.locator('img')).toHaveCount(0)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true)
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})
