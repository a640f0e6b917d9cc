import { describe, expect, it } from 'vitest'
import de from '@/i18n/de/admin'
import en from '@/i18n/en/admin'
import { deliveryBadge, healthBadge, notificationBadge, personBadge, priorityBadge, roomBadge, tokenBadge, webhookBadge, type Badge } from './badges'

const badges: Badge[] = [
  ...['queued', 'sent', 'failed', 'cancelled', 'something new'].map(notificationBadge),
  ...['healthy', 'degraded', 'unhealthy', 'something new'].map(healthBadge),
  personBadge(true),
  personBadge(false),
  roomBadge(null),
  roomBadge('2026-01-31T12:00:00Z'),
  tokenBadge(null),
  tokenBadge('2026-01-31T12:00:00Z'),
  webhookBadge({ active: true, off_reason: null }),
  webhookBadge({ active: false, off_reason: null }),
  webhookBadge({ active: false, off_reason: 'gone' }),
  ...['queued', 'delivered', 'dead', 'something new'].map((status) => deliveryBadge({ status, attempts: 0 })),
  deliveryBadge({ status: 'queued', attempts: 2 }),
  priorityBadge('urgent') ?? { tone: 'plain', sign: 'dot', word: '' },
]

/** What stands at a key such as `admin.status.sent`. */
function at(messages: unknown, key: string): unknown {
  return key
    .split('.')
    .slice(1)
    .reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], messages)
}

describe('states', () => {
  it.each(badges)('$word is a word in both languages', ({ word }) => {
    expect(at(de, word)).toEqual(expect.any(String))
    expect(at(en, word)).toEqual(expect.any(String))
  })

  it('differ by sign and word, not by colour alone', () => {
    const looks = ['queued', 'sent', 'failed', 'cancelled'].map(notificationBadge)
    expect(new Set(looks.map((badge) => badge.sign)).size).toBe(4)
    expect(new Set(looks.map((badge) => badge.word)).size).toBe(4)
  })

  it('urgent is the only one in its colour, and normal shows none', () => {
    expect(badges.filter((badge) => badge.tone === 'urgent').map((badge) => badge.word)).toEqual(['admin.priority.urgent'])
    expect(priorityBadge('normal')).toBeNull()
  })

  it('a webhook that the service switched off stands out from one that an admin did', () => {
    expect(webhookBadge({ active: false, off_reason: '410 Gone' }).tone).toBe('bad')
    expect(webhookBadge({ active: false }).tone).toBe('plain')
  })

  it('a delivery that did not work yet looks otherwise than one that was not tried', () => {
    expect(deliveryBadge({ status: 'queued', attempts: 1 }).word).not.toBe(deliveryBadge({ status: 'queued', attempts: 0 }).word)
  })
})
