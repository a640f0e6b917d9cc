/** What is being typed that can be completed: from `from` to the cursor. */
export interface Typed {
  sign: '@' | ':'
  query: string
  from: number
}

/** The unfinished mention or emoji name before the cursor, if there is one. */
export function typedBefore(text: string, cursor: number): Typed | null {
  const before = text.slice(0, cursor)
  const mention = /(?:^|[\s(])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*)?)$/u.exec(before)
  if (mention !== null) {
    const query = mention[1] ?? ''
    return { sign: '@', query, from: cursor - query.length - 1 }
  }
  const emoji = /(?:^|[\s(])(:([a-z0-9_+\p{L}-]{2,30}))$/u.exec(before)
  if (emoji === null) return null
  const query = emoji[2] ?? ''
  return { sign: ':', query, from: cursor - query.length - 1 }
}

/** A finished `:name:` right before the cursor. */
export function finishedCode(text: string, cursor: number): { code: string; from: number } | null {
  const found = /(?:^|\s):([a-z0-9_+-]{2,30}):$/u.exec(text.slice(0, cursor))
  const code = found?.[1]
  return code === undefined ? null : { code, from: cursor - code.length - 2 }
}

/** Letters without their marks, small: how names are compared. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}

/** Whether a name is meant by what was typed: its beginning, or the beginning of one of its words. */
export function meant(name: string, query: string): boolean {
  const typed = folded(query)
  const whole = folded(name)
  return whole.startsWith(typed) || whole.split(/[\s._-]+/u).some((word) => word.startsWith(typed))
}
