import tokens from '@/styles/tokens.css?inline'
import own from './widget.css?inline'

/** The pixels of a rem in the pages that the measures come from; the page around the widget may have another. */
const REM = 16

/**
 * The style of the widget, made of the same tokens as the other pages. It is adopted by the shadow root, which needs no
 * permission of the page's content security policy.
 */
export function styleText(): string {
  return (tokens + own)
    .replace(/:root\[data-theme=['"]?dark['"]?\]/g, '.widget[data-theme=dark]')
    .replaceAll(':root', '.widget')
    .replace(/(\d*\.?\d+)rem\b/g, (_, size: string) => `${String(Number(size) * REM)}px`)
}

let sheet: CSSStyleSheet | null = null

/** One sheet for all widgets of a page. */
export function style(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(styleText())
  }
  return sheet
}
