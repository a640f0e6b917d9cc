import type { Page } from '@playwright/test'
import { Chat, roomPath } from './support/chat'
import type { Schemas } from './support/hub'
import { expect, test } from './support/test'

/** Makes sending as slow as a phone's network, in bytes a second. */
async function slowUpload(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond })
}

async function attach(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach files' }).click()
  await (await chooser).setFiles(files)
}

const text = (name: string, content: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
})

test('a picture is sent with a caption, shown small, and large on a press', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Bilder', [anna, ben])
  const [a, b] = [new Chat(await open(anna, roomPath(room))), new Chat(await open(ben, roomPath(room)))]
  await b.live()
  const picture = { name: 'Schaden.png', mimeType: 'image/png', buffer: await a.page.screenshot() }
  await attach(a.page, picture)
  await expect(a.page.getByRole('list', { name: 'Files to be sent' })).toContainText('Schaden.png')
  await a.composer.fill('So sieht es aus')
  await a.composer.press('Enter')

  const message = b.message('So sieht es aus')
  const small = message.getByRole('button', { name: 'Show picture Schaden.png large' })
  await expect(small.getByRole('img')).toBeVisible()
  await expect.poll(() => small.getByRole('img').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0)
  await small.click()
  const viewer = b.page.getByRole('dialog', { name: 'Schaden.png' })
  await expect.poll(() => viewer.getByRole('img').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1280)
  const download = b.page.waitForEvent('download')
  await viewer.getByRole('button', { name: 'Download Schaden.png' }).click()
  expect((await download).suggestedFilename()).toBe('Schaden.png')
  await b.page.keyboard.press('Escape')
  await expect(viewer).toHaveCount(0)
  await expect(small).toBeFocused()
})

test('the viewer goes through the pictures of the room by the arrow keys', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Album', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  const buffer = await chat.page.screenshot()
  for (const name of ['eins.png', 'zwei.png']) {
    await attach(chat.page, { name, mimeType: 'image/png', buffer })
    await chat.sendButton.click()
    await expect(chat.page.getByRole('button', { name: `Show picture ${name} large` })).toBeEnabled()
  }
  await chat.page.getByRole('button', { name: 'Show picture eins.png large' }).click()
  await expect(chat.page.getByRole('dialog', { name: 'eins.png' })).toContainText('1 of 2')
  await chat.page.keyboard.press('ArrowRight')
  await expect(chat.page.getByRole('dialog', { name: 'zwei.png' })).toContainText('2 of 2')
  await chat.page.getByRole('button', { name: 'Picture before' }).click()
  await expect(chat.page.getByRole('dialog', { name: 'eins.png' })).toBeVisible()
})

test('a large file shows how far it is; it is there once for both', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Pläne', [anna, ben])
  const [a, b] = [new Chat(await open(anna, roomPath(room))), new Chat(await open(ben, roomPath(room)))]
  await b.live()
  await slowUpload(a.page, 250_000)
  await attach(a.page, { name: 'Plan.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_500_000, 7) })
  await a.sendButton.click()
  const progress = a.messages.getByRole('progressbar', { name: 'Plan.bin is being sent' })
  await expect.poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value > 0 && bar.value < 1)).toBe(true)
  await expect(progress).toHaveCount(0, { timeout: 20_000 })
  for (const chat of [a, b]) {
    await expect(chat.message('Plan.bin')).toHaveCount(1)
    await expect(chat.message('Plan.bin')).toContainText('1.5 MB')
  }
  const download = b.page.waitForEvent('download')
  await b.message('Plan.bin').getByRole('button', { name: 'Download Plan.bin' }).click()
  expect((await download).suggestedFilename()).toBe('Plan.bin')
})

test('a file on its way can be taken back', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Doch nicht', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  await slowUpload(chat.page, 200_000)
  await attach(chat.page, { name: 'falsch.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(4_000_000, 1) })
  await chat.sendButton.click()
  const progress = chat.messages.getByRole('progressbar')
  await expect.poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value)).toBeGreaterThan(0)
  await chat.messages.getByRole('button', { name: 'Cancel sending falsch.bin' }).click()
  await expect(chat.message('falsch.bin')).toHaveCount(0)
  await slowUpload(chat.page, -1)
  await chat.say('danach')
  await expect(chat.message('danach')).not.toContainText('Is being sent')
  const history = await hub.call<Schemas['Message'][]>(anna, 'GET', `/messages/history/${encodeURIComponent(room.room_id)}`)
  expect(history.map(({ body }) => body)).toEqual(['danach'])
})

test('several files: one is taken out before, the others are sent', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Mehrere', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  await attach(chat.page, text('a.txt', 'A'), text('b.txt', 'B'), text('c.txt', 'C'))
  await chat.page.getByRole('button', { name: 'Remove b.txt' }).click()
  await chat.sendButton.click()
  await expect(chat.messages.getByRole('button', { name: /^Download/ })).toHaveCount(2)
  await expect(chat.message('a.txt')).toHaveCount(1)
  await expect(chat.message('b.txt')).toHaveCount(0)
  await expect(chat.message('c.txt')).toHaveCount(1)
})

test('files are pasted and dropped', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Ablage', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  const files = await chat.page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['geklebt'], 'geklebt.txt', { type: 'text/plain' }))
    return data
  })
  await chat.composer.evaluate((field, data) => {
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, files)
  const chips = chat.page.getByRole('list', { name: 'Files to be sent' })
  await expect(chips).toContainText('geklebt.txt')
  const dropped = await chat.page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['gezogen'], 'gezogen.txt', { type: 'text/plain' }))
    return data
  })
  await chat.timeline.dispatchEvent('dragenter', { dataTransfer: dropped })
  await expect(chat.page.getByText('Drop here to send to Ablage')).toBeVisible()
  await chat.timeline.dispatchEvent('dragover', { dataTransfer: dropped })
  await chat.timeline.dispatchEvent('drop', { dataTransfer: dropped })
  await expect(chips.getByRole('listitem')).toHaveCount(2)
  await chat.sendButton.click()
  await expect(chat.message('geklebt.txt')).toHaveCount(1)
  await expect(chat.message('gezogen.txt')).toHaveCount(1)
  await expect(chips).toHaveCount(0)
})

test('an image that is none is a file like others', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Kein Bild', [anna, ben])
  const [a, b] = [new Chat(await open(anna, roomPath(room))), new Chat(await open(ben, roomPath(room)))]
  await b.live()
  await attach(a.page, { name: 'foto.png', mimeType: 'image/png', buffer: Buffer.from('<script>window.hacked = 1</script>') })
  await a.sendButton.click()
  for (const chat of [a, b]) {
    await expect(chat.message('foto.png').getByRole('button', { name: 'Download foto.png' })).toBeVisible()
    await expect(chat.page.getByRole('button', { name: /^Show picture/ })).toHaveCount(0)
    expect(await chat.page.evaluate(() => 'hacked' in window)).toBe(false)
  }
})

test('a file named like a path is shown and loaded by its last part', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Pfade', [anna, ben])
  const form = new FormData()
  form.append('room_id', room.room_id)
  form.append('file', new File(['root:x:0:0'], '../../etc/passwd', { type: 'text/plain' }))
  await hub.upload(ben, form)
  const chat = new Chat(await open(anna, roomPath(room)))
  await expect(chat.message('passwd')).toBeVisible()
  await expect(chat.timeline).not.toContainText('..')
  await expect(chat.timeline).not.toContainText('etc')
  const download = chat.page.waitForEvent('download')
  await chat.message('passwd').getByRole('button', { name: 'Download passwd' }).click()
  expect((await download).suggestedFilename()).toBe('passwd')
})
