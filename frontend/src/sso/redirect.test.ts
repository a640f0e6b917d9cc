import { describe, expect, it } from 'vitest'
import { readableClient } from './client'
import { agreed, isPage, nameOf, targetOf } from './redirect'

describe('where a client may be sent back to (contract R71)', () => {
  it('is no script and no file, and has to be an address', () => {
    for (const wrong of [
      null,
      '',
      '/sso',
      'app.example/x',
      'javascript:alert(1)',
      ' JavaScript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,<script>1</script>',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:https://app.example/1',
      'about:blank',
      'view-source:https://app.example',
    ]) {
      expect(targetOf(wrong), String(wrong)).toBeNull()
    }
  })

  it('is told by the host of a page and by the scheme of an application', () => {
    const name = (text: string): [string, boolean] | null => {
      const url = targetOf(text)
      return url && [nameOf(url), isPage(url)]
    }
    expect(name('https://app.example:8443/x?y')).toEqual(['app.example:8443', true])
    expect(name('https://trusted.example@evil.example/')).toEqual(['evil.example', true])
    expect(name('https://xn--pple-43d.example/')).toEqual(['xn--pple-43d.example', true])
    expect(name('https://аpple.example/')).toEqual(['xn--pple-43d.example', true])
    expect(name('io.element:/callback')).toEqual(['io.element', false])
  })

  it('is where the person agreed to go, whatever the service answers', () => {
    const page = new URL('https://app.example/done?state=1')
    expect(agreed(page, 'https://app.example/done?state=1&loginToken=x')?.search).toBe('?state=1&loginToken=x')
    for (const wrong of ['https://evil.example/done', 'http://app.example/done', 'javascript:alert(1)', 'io.element:/x', '']) {
      expect(agreed(page, wrong), wrong).toBeNull()
    }
    const app = new URL('io.element:/callback')
    expect(agreed(app, 'io.element:/callback?loginToken=x')?.href).toBe('io.element:/callback?loginToken=x')
    expect(agreed(app, 'im.fluffychat:/callback?loginToken=x')).toBeNull()
  })
})

describe('the client that asks', () => {
  it('has a name that people know, or the beginning of what it says', () => {
    expect(readableClient('Element/1.6.20 (Google Pixel 8; Android 14; Build/x)')).toBe('Element, Android')
    expect(readableClient('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36')).toBe('Chrome, Linux')
    expect(readableClient('Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0')).toBe('Edge, Windows')
    expect(readableClient(`<b>${'x'.repeat(500)}`)).toBe(`<b>${'x'.repeat(197)}`)
    expect(readableClient('')).toBe('')
  })
})
