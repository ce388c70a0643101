/** `lading/runtime`: addresses that only JavaScript knows. Runs in browsers and on servers, and imports nothing. */

export interface AssetUrlOptions {
  /** Path that the site's own files are served from, starting and ending with `/`. @default '/' */
  readonly base?: string
  /** Every path there is, starting with `/`. Others are warned of, once each. @default nobody is warned */
  readonly known?: readonly string[]
}

/** `/logo.png` -> where a page finds it. */
export type AssetUrl = (path: string) => string

/**
 * Makes `assetUrl` for files that are served as they are. A path that the list does not name is given back below the
 * site's base, as is a piece of an SVG (`/icons.svg#anchor`), which no browser takes from another host.
 *
 * The build plugins write the text of this function into `virtual:lading`, so everything it needs is inside it.
 * @param urls pairs of a path, starting with `/`, and the address of its copy
 */
export function createAssetUrl(
  urls: readonly (readonly [path: string, url: string])[],
  options: AssetUrlOptions = {},
): AssetUrl {
  const { base = '/', known } = options
  const addresses = new Map(urls)
  const paths = new Set(known)
  const warned = new Set<string>()
  const warn = (name: string): void => {
    if (known === undefined || paths.has(name) || warned.has(name)) return
    warned.add(name)
    // biome-ignore lint/suspicious/noConsole: it runs on the developer's own page, and has nobody else to tell
    console.warn(`lading: assetUrl knows no file ${name}`)
  }
  return (path) => {
    const full = path.startsWith('/') ? path : `/${path}`
    // A name may hold "#" or "?" itself, so the whole is tried first.
    const at = addresses.has(full) || paths.has(full) ? -1 : full.search(/[?#]/)
    const name = at < 0 ? full : full.slice(0, at)
    const tail = at < 0 ? '' : full.slice(at)
    warn(name)
    const url = /\.svg$/i.test(name) && tail.includes('#') ? undefined : addresses.get(name)
    return url === undefined ? base + full.slice(1) : url + tail
  }
}
