import { ApiError } from '@/api/errors'

/** How far a deed on several things has come. */
export interface BulkState<Id> {
  done: number
  failed: { id: Id; error: unknown }[]
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Longest wait for a refusal that says to come again later. */
const MOST_WAIT_MS = 60_000

/**
 * Does something to one thing after the other. One that fails does not keep the others from being done; one that came too
 * soon is tried again when the service said. Ends early when `signal` aborts.
 */
export async function doEach<Id>(
  ids: readonly Id[],
  act: (id: Id) => Promise<unknown>,
  progress: (state: BulkState<Id>) => void,
  signal: AbortSignal,
): Promise<BulkState<Id>> {
  const state: BulkState<Id> = { done: 0, failed: [] }
  for (const id of ids) {
    for (let again = true; again && !signal.aborted; ) {
      again = false
      try {
        await act(id)
        state.done += 1
      } catch (error) {
        if (error instanceof ApiError && error.status === 429) {
          await wait(Math.min(error.retryAfterMs ?? 1000, MOST_WAIT_MS), signal)
          again = true
        } else {
          state.failed.push({ id, error })
        }
      }
      progress({ done: state.done, failed: [...state.failed] })
    }
    if (signal.aborted) break
  }
  return state
}
