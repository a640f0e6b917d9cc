const NAMES: [RegExp, string][] = [
  [/Element/i, 'Element'],
  [/FluffyChat/i, 'FluffyChat'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
]
const LONGEST = 200

const find = (list: [RegExp, string][], text: string): string | undefined => list.find(([pattern]) => pattern.test(text))?.[1]

/** A client's `User-Agent` in words that people know; the beginning of it where it says nothing that is known here. */
export function readableClient(agent: string): string {
  const name = find(NAMES, agent)
  if (name === undefined) return agent.slice(0, LONGEST)
  return [name, find(SYSTEMS, agent)].filter(Boolean).join(', ')
}
