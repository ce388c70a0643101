/** What a file is for, as far as its name tells. */
export type TrafficKind = 'icon' | 'image' | 'script' | 'style' | 'font' | 'media' | 'page' | 'other'

const EXTENSIONS: ReadonlyMap<string, TrafficKind> = new Map(
  (
    [
      ['icon', 'ico'],
      ['image', 'avif bmp gif jpeg jpg jxl png svg svgz webp'],
      ['script', 'js mjs wasm'],
      ['style', 'css'],
      ['font', 'eot otf ttf woff woff2'],
      ['media', 'aac flac m3u8 m4a m4v mov mp3 mp4 mpd oga ogg ogv opus wav webm'],
      ['page', 'asp aspx htm html php xhtml'],
    ] as const
  ).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
)

export function kindOf(name: string): TrafficKind {
  if (isKnownIcon(name)) return 'icon'
  const last = name.slice(name.lastIndexOf('/') + 1)
  const dot = last.lastIndexOf('.')
  return dot === -1 ? 'page' : (EXTENSIONS.get(last.slice(dot + 1).toLowerCase()) ?? 'other')
}

/** Asked for by browsers and phones that no page has told to: https://html.spec.whatwg.org/multipage/links.html#rel-icon */
const KNOWN_ICON = /^\/(?:favicon\.ico|apple-touch-icon(?:-\d+x\d+)?(?:-precomposed)?\.png)$/

export const isKnownIcon = (name: string): boolean => KNOWN_ICON.test(name)
