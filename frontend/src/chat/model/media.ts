import { onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter, type Ref, type ShallowRef } from 'vue'
import { ApiError } from '@/api/errors'
import { send } from '@/api/client'
import * as calls from './calls'
import { MediaCache } from './media-cache'
import type { Item } from './types'

const cache = new MediaCache(async (path) => {
  const response = await send(new Request(new URL(path, location.origin)))
  return URL.createObjectURL(await response.blob())
}, (url) => URL.revokeObjectURL(url))

/** The path of a smaller version of a picture; pixels of the screen. */
export function thumbnail(path: string, width = 640, height = 480): string {
  return `${path}/thumbnail?width=${width}&height=${height}`
}

/** A file that only the person may load, as an address for `<img>`. */
export interface Media {
  /** `null` until it is loaded. */
  url: Ref<string | null>
  loading: Ref<boolean>
  error: ShallowRef<ApiError | null>
  /** Loads once more after an error. */
  again: () => void
}

/** The file at a path of the API (`null`: nothing). It is loaded with the token, once for all who show it. */
export function useMedia(path: MaybeRefOrGetter<string | null>): Media {
  const url = ref<string | null>(null)
  const loading = ref(false)
  const error = shallowRef<ApiError | null>(null)
  let held: string | null = null

  async function load(wanted: string | null): Promise<void> {
    if (held !== null) cache.release(held)
    held = wanted
    url.value = null
    error.value = null
    if (wanted === null) return
    loading.value = true
    try {
      const loaded = await cache.hold(wanted)
      if (held === wanted) url.value = loaded
    } catch (cause) {
      if (held === wanted) {
        held = null
        error.value = cause instanceof ApiError ? cause : new ApiError(0, {})
      }
    } finally {
      if (held === wanted || held === null) loading.value = false
    }
  }

  watch(() => toValue(path), (wanted) => void load(wanted), { immediate: true })
  onScopeDispose(() => {
    if (held !== null) cache.release(held)
    held = null
  })

  return { url, loading, error, again: () => void load(toValue(path)) }
}

/** Has the browser save the file of a message. Throws an `ApiError` when there is no link to it. */
export async function download(item: Item): Promise<void> {
  const { file } = item
  if (file === null) return
  const href = file.url === null ? file.local : await calls.mediaLink(file.url)
  if (href === null) return
  const link = document.createElement('a')
  link.href = href
  link.download = file.name
  document.body.append(link)
  link.click()
  link.remove()
}
