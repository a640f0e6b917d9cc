import { Bell, SlidersHorizontal, Smartphone, UserRound } from '@lucide/vue'

/** The settings' sections in their order; each is at `/settings/<id>`. */
export const sections = [
  { id: 'general', icon: SlidersHorizontal },
  { id: 'notifications', icon: Bell },
  { id: 'clients', icon: Smartphone },
  { id: 'account', icon: UserRound },
] as const

export type SectionId = (typeof sections)[number]['id']

/** The section of an address; the first one where it names none that there is. */
export function sectionOf(text: string | undefined): SectionId {
  return sections.find(({ id }) => id === text)?.id ?? sections[0].id
}
