import { createHash } from 'node:crypto'
import { htmlText } from '../../words/html-text.ts'
import { formatBytes, plural } from '../../words/units.ts'

/** A variant as the sheet shows it. */
export interface SheetVariant {
  readonly format: string
  /** In pixels. */
  readonly width: number
  readonly bytes: number
}

export interface SheetImage {
  /** The image's path where it came from; shown as text, whatever it holds. */
  readonly path: string
  readonly bytes: number
  readonly width: number
  readonly height: number
  readonly variants: readonly SheetVariant[]
  /** URL of its thumbnail: `data:`, or relative to the sheet. */
  readonly thumbnail: string | undefined
}

export interface SheetFailure {
  readonly path: string
  readonly reason: string
}

export interface Sheet {
  readonly title: string
  readonly recipe: string
  readonly closedAt: string
  readonly images: readonly SheetImage[]
  /** Images that are left out of the sheet, because it would be too large to open. */
  readonly unshown: number
  readonly failures: readonly SheetFailure[]
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9dce1, #3a3f47); --soft: light-dark(#5b6470, #9aa3af) }
* { box-sizing: border-box }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; background: light-dark(#fff, #15181c); color: light-dark(#1a1d21, #e8eaed) }
header, section, main { padding: 0 24px; max-width: 1680px; margin: 0 auto }
h1 { font-size: 22px; margin: 28px 0 2px; overflow-wrap: anywhere }
h2 { font-size: 16px; margin: 28px 0 8px }
table { margin-bottom: 32px }
.soft, dd, td + td { color: var(--soft) }
dl { display: flex; flex-wrap: wrap; gap: 4px 32px; margin: 16px 0 24px }
dl div { min-width: 96px }
dt { font-size: 20px; font-variant-numeric: tabular-nums }
dd { margin: 0 }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid var(--line); padding: 6px 12px 6px 0; vertical-align: top; overflow-wrap: anywhere }
td:first-child { width: 40% }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 20px; padding-bottom: 48px }
figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden }
.frame { display: block; aspect-ratio: 4 / 3; background: light-dark(#eef0f3, #22262c) }
img { display: block; width: 100%; height: 100%; object-fit: contain }
figcaption { padding: 8px 10px 10px; overflow-wrap: anywhere }
figcaption b { display: block; font-weight: 600 }
ul { list-style: none; margin: 6px 0 0; padding: 0; font-variant-numeric: tabular-nums }
li { display: flex; justify-content: space-between; gap: 8px }
`

/**
 * One page: every image with its sizes, every failure with its reason. It loads nothing from other origins and runs no
 * script, enforced by its Content Security Policy, so it may be opened from disk, sent, or served as it is.
 */
export function contactSheet(sheet: Sheet): string {
  const { title, images, failures, unshown } = sheet
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; img-src 'self' data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${htmlText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${head(sheet)}
${failures.length > 0 ? failed(failures) : ''}
<main>
${images.map(tile).join('\n')}
</main>
${unshown > 0 ? `<section class="soft"><p>${plural(unshown, 'more image')} in images.json.</p></section>` : ''}
</body>
</html>
`
}

function head({ title, recipe, closedAt, images, failures, unshown }: Sheet): string {
  const variants = images.flatMap((image) => image.variants)
  const facts: readonly (readonly [string, string])[] = [
    [String(images.length + unshown), 'images'],
    [String(variants.length), unshown > 0 ? 'variants of those shown' : 'variants'],
    [formatBytes(sum(images.map(({ bytes }) => bytes))), 'originals'],
    [formatBytes(sum(variants.map(({ bytes }) => bytes))), 'made of them'],
    [String(failures.length), 'failed'],
  ]
  const list = facts.map(([value, name]) => `<div><dt>${htmlText(value)}</dt><dd>${htmlText(name)}</dd></div>`).join('')
  return `<header>
<h1>${htmlText(title)}</h1>
<p class="soft">Recipe ${htmlText(recipe)}, closed ${htmlText(closedAt)}</p>
<dl>${list}</dl>
</header>`
}

function failed(failures: readonly SheetFailure[]): string {
  const rows = failures.map(({ path, reason }) => `<tr><td>${htmlText(path)}</td><td>${htmlText(reason)}</td></tr>`)
  return `<section>
<h2>${plural(failures.length, 'image')} failed</h2>
<table>${rows.join('')}</table>
</section>`
}

function tile({ path, bytes, width, height, variants, thumbnail }: SheetImage): string {
  const rows = variants.map(
    (made) =>
      `<li><span>${htmlText(`${made.width} ${made.format}`)}</span><span>${formatBytes(made.bytes)}</span></li>`,
  )
  const image =
    thumbnail === undefined ? '' : `<img src="${htmlText(thumbnail)}" alt="" loading="lazy" decoding="async">`
  return `<figure><span class="frame">${image}</span>
<figcaption><b>${htmlText(path)}</b><span class="soft">${width} × ${height}, ${formatBytes(bytes)}</span>
<ul>${rows.join('')}</ul></figcaption></figure>`
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
