/**
 * One SVG of two, the second for whoever has a dark browser. Each stays a document of its own, so that neither identifiers
 * nor style sheets meet. What knows no media queries shows the first.
 */
export function svgPair(light: string, dark: string): string {
  const image = (id: string, text: string): string =>
    `<image id="${id}" width="512" height="512" href="${dataAddress(text)}"/>`
  const style = '#dark{display:none}@media (prefers-color-scheme:dark){#light{display:none}#dark{display:inline}}'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><style>${style}</style>${image('light', light)}${image('dark', dark)}</svg>\n`
}

/** Shorter than base64, and it compresses: only what means something in an address or in XML is encoded. */
const dataAddress = (text: string): string =>
  `data:image/svg+xml,${text
    .replace(/^\uFEFF/, '')
    .trim()
    .replace(/[^ -~]|[%#"&<>]/gu, encodeURIComponent)}`
