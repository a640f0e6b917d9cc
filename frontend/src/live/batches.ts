/** How long things are gathered before they are passed on, in milliseconds: less than anybody notices. */
export const GATHER_MS = 50

/**
 * Passes on together what comes in quick succession, so that fifty messages a second are twenty steps. What comes alone is
 * passed on at once.
 */
export class Batches<T> {
  private readonly pass: (things: T[]) => void
  private waiting: T[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(pass: (things: T[]) => void) {
    this.pass = pass
  }

  /** Adds some, in order. */
  add(things: T[]): void {
    if (things.length === 0) return
    this.waiting.push(...things)
    // The timer of the pass before still runs: this is quick succession.
    if (this.timer === undefined) this.flush()
  }

  private flush(): void {
    this.timer = undefined
    if (this.waiting.length === 0) return
    this.timer = setTimeout(() => this.flush(), GATHER_MS)
    const things = this.waiting
    this.waiting = []
    this.pass(things)
  }
}
