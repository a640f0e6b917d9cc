import { useStorage } from '@vueuse/core'

const MOST = 18

/** The emoji somebody used last, the latest first; kept on this device. */
export const recentEmoji = useStorage<string[]>('messenger.emoji', [])

/** Remembers that one was used. */
export function useEmoji(emoji: string): void {
  recentEmoji.value = [emoji, ...recentEmoji.value.filter((other) => other !== emoji)].slice(0, MOST)
}
