import { describe, expect, it } from 'vitest'
import { Tabs, type TabMessage, type TabParts } from './tabs'
import { Channels, Locks } from './testing'

function browser() {
  const locks = new Locks()
  const channels = new Channels()
  const parts = { locks, channel: (name: string) => channels.open(name) } as unknown as TabParts
  return (person: string) => {
    const heard: TabMessage[] = []
    const led: boolean[] = []
    const tabs = new Tabs(parts, `messenger.live.${person}`, (message) => heard.push(message), (leads) => led.push(leads))
    return { tabs, heard, led }
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('Tabs', () => {
  it('has one leader, and the next one leads when it goes', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, false])
    expect(a.heard).toEqual([{ kind: 'hello' }])
    a.tabs.stop()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    expect(b.led).toEqual([true])
  })

  it('keeps people apart', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('ben')]
    a.tabs.start()
    b.tabs.start()
    await settle()
    a.tabs.tell({ kind: 'wake' })
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, true])
    expect(b.heard).toEqual([])
  })

  it('can be taken over from a tab that is frozen, which then waits again', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    b.tabs.takeOver()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    b.tabs.stop()
    await settle()
    expect(a.tabs.leads).toBe(true)
    expect(a.led).toEqual([true, false, true])
  })

  it('steps down for another tab and may stand again', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    a.tabs.stepDown()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    a.tabs.start()
    b.tabs.stepDown()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, false])
  })

  it('leads each tab where the browser has no locks', () => {
    const led: boolean[] = []
    const tabs = new Tabs({ locks: null, channel: null }, 'x', () => undefined, (leads) => led.push(leads))
    tabs.start()
    expect(led).toEqual([true])
    expect(tabs.shared).toBe(false)
  })
})
