/** Files that are kept although nobody shows them, so that scrolling back shows them at once. */
export const KEPT_FILES = 100

interface Held {
  url: Promise<string>
  /** Who shows it now. */
  users: number
}

/** Loaded files, the longest unused first to go. What somebody shows stays. */
export class MediaCache {
  private readonly load: (path: string) => Promise<string>
  private readonly drop: (url: string) => void
  private readonly files = new Map<string, Held>()

  constructor(load: (path: string) => Promise<string>, drop: (url: string) => void) {
    this.load = load
    this.drop = drop
  }

  /** Its address; to be released. A failure is not kept. */
  async hold(path: string): Promise<string> {
    const held = this.files.get(path) ?? { url: this.load(path), users: 0 }
    held.users += 1
    this.files.delete(path)
    this.files.set(path, held)
    this.trim()
    try {
      return await held.url
    } catch (cause) {
      if (this.files.get(path) === held) this.files.delete(path)
      throw cause
    }
  }

  /** Nobody of those who held it once more shows it. */
  release(path: string): void {
    const held = this.files.get(path)
    if (held === undefined) return
    held.users = Math.max(0, held.users - 1)
    this.trim()
  }

  private trim(): void {
    for (const [path, held] of this.files) {
      if (this.files.size <= KEPT_FILES) return
      if (held.users > 0) continue
      this.files.delete(path)
      void held.url.then(this.drop, () => undefined)
    }
  }
}
