/** How a picture stands in an icon. */
export type IconShape =
  /** Over its whole square, transparent where it is. */
  | 'bare'
  /** On an opaque ground, with a margin where the picture has transparent parts: of those iOS makes black. */
  | 'padded'
  /** On an opaque ground and inside the safe zone: launchers cut circles and other forms out. */
  | 'masked'

export interface IconPlan {
  readonly name: string
  /** Width and height in pixels. */
  readonly side: number
  readonly shape: IconShape
}

/** What is made of a source. */
export interface IconSet {
  /** An SVG, which is an icon as it is. */
  readonly isVector: boolean
  /** Whether there is a web app manifest, and the icons that it names. */
  readonly hasManifest: boolean
}

export const VECTOR_NAME = 'icon.svg'
export const MANIFEST_NAME = 'manifest.webmanifest'

/**
 * One entry of 32 pixels: browsers that know no SVG halve it for a tab, crawlers and feed readers take whatever is
 * there, and every further entry is loaded by all who only ask for `/favicon.ico`.
 */
export const ICO: IconPlan = { name: 'favicon.ico', side: 32, shape: 'bare' }

/** https://developer.apple.com/design/human-interface-guidelines/app-icons: the largest one that iOS asks for on a page. */
const TOUCH: IconPlan = { name: 'apple-touch-icon.png', side: 180, shape: 'padded' }

/**
 * For dense screens, and for search engines, which ask for more than 48 pixels.
 * https://developers.google.com/search/docs/appearance/favicon-in-search
 */
const LARGE: IconPlan = { name: 'icon-192.png', side: 192, shape: 'bare' }

const LARGEST: IconPlan = { name: 'icon-512.png', side: 512, shape: 'bare' }
const MASK: IconPlan = { name: 'icon-mask.png', side: 512, shape: 'masked' }

/** The icons that are drawn. Without an SVG there is a large one for dense screens and for search engines. */
export function iconPlans({ isVector, hasManifest }: IconSet): readonly IconPlan[] {
  return [ICO, ...(isVector && !hasManifest ? [] : [LARGE]), TOUCH, ...(hasManifest ? [LARGEST, MASK] : [])]
}

/**
 * The lines for the `<head>` of every page. `sizes` stands at the ICO because some versions of Chrome take it instead of
 * the SVG where it is not said to be small.
 *
 * @param base the path of the icons' folder on the host, which ends with `/`
 */
export function iconTags({ isVector, hasManifest }: IconSet, base: string): readonly string[] {
  const href = (name: string): string => `href="${base.replaceAll('&', '&amp;')}${name}"`
  const sizes = ({ side }: IconPlan): string => `sizes="${side}x${side}"`
  return [
    `<link rel="icon" ${href(ICO.name)} ${sizes(ICO)}>`,
    isVector
      ? `<link rel="icon" ${href(VECTOR_NAME)} type="image/svg+xml">`
      : `<link rel="icon" ${href(LARGE.name)} type="image/png" ${sizes(LARGE)}>`,
    `<link rel="apple-touch-icon" ${href(TOUCH.name)}>`,
    ...(hasManifest ? [`<link rel="manifest" ${href(MANIFEST_NAME)}>`] : []),
  ]
}

/** A web app manifest that names its icons relative to itself; what else belongs into it is the site's to say. */
export function iconManifest(name: string | undefined): string {
  const icon = ({ name: src, side }: IconPlan) => ({ src, type: 'image/png', sizes: `${side}x${side}` })
  const icons = [icon(LARGE), icon(LARGEST), { ...icon(MASK), purpose: 'maskable' }]
  return `${JSON.stringify({ ...(name !== undefined && { name }), icons }, null, 2)}\n`
}
