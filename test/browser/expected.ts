import type { Arrangement } from './offload.ts'

/** A script that only works at the site's own origin, or looks at where it came from. */
const BOUND = /\bnew\s+(Shared)?Worker\b|\bimportScripts\b|\bserviceWorker\b|\bcurrentScript\b/

/** A style sheet's own fonts; embedded ones need nobody's leave. */
const NAMES_FONT = /@font-face[^}]*url\(\s*["']?(?!data:|https?:|\/\/)/i

/** A style sheet that stays is left as it is, and so are the names in it: what stays, and with which sheet. */
const STAYS_WITH: Readonly<Record<string, string>> = {
  'css/print.css': 'css/site.css',
  'img/planks.png': 'css/site.css',
}

interface Asset {
  readonly kind: string
  /** On the site. */
  readonly path: string
  readonly text: string
}

/** Why an asset of this kind has to stay at the origin, or `undefined` when it may move. Knows nothing of the product. */
export function staysBecause(asset: Asset, arrangement: Arrangement): string | undefined {
  const { kind, path, text } = asset
  const anyUse = arrangement.cors === true || arrangement.mount !== undefined
  if (!anyUse && path in STAYS_WITH) return `is named by ${STAYS_WITH[path]}, which stays`
  switch (kind) {
    case 'image':
    case 'icon':
    case 'media':
      return undefined
    case 'font':
      return anyUse ? undefined : 'a font needs CORS'
    case 'stylesheet':
      return !anyUse && NAMES_FONT.test(text) ? 'names a font that stays' : undefined
    case 'script':
      return BOUND.test(text) ? 'is bound to its own address' : undefined
    default:
      return `a ${kind} is not moved`
  }
}

/** The path on the site that an asset's address on the CDN stands for: `a/<dir>/<stem>.<hash>.<ext>`. */
export function pathOfAddress(url: string, cdn: string): string {
  const key = decodeURIComponent(new URL(url).pathname.slice(new URL(cdn).pathname.length))
  return key.replace(/^a\//, '').replace(/\.[a-z2-7]{16}(\.[^./]+)$/, '$1')
}
