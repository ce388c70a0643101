import { resolve } from 'node:path'
import { parseBase } from '../config/address.ts'
import { type IconSource, notAnIcon, readIconSource } from '../images/icons/read-source.ts'
import { type SetFile, type Written, writeSet } from '../images/icons/write-set.ts'
import { icoFile } from '../images/plan/ico.ts'
import {
  ICO,
  type IconPlan,
  type IconSet,
  iconManifest,
  iconPlans,
  iconTags,
  MANIFEST_NAME,
  VECTOR_NAME,
} from '../images/plan/icon-set.ts'
import { svgPair } from '../images/plan/svg-pair.ts'
import { createRenderPool, type RenderPool } from '../images/pool.ts'
import type { DrawnIcons } from '../images/wire.ts'
import type { Run } from '../line/run.ts'
import { type ErrorCode, LadingError, printable } from '../words/errors.ts'

export interface FaviconOptions {
  /** An SVG, or an image of pixels that is as large as the largest icon. Relative to `cwd`. */
  readonly source: string
  /** The folder that the icons are for; it is made where there is none. Relative to `cwd`. */
  readonly out: string
  /** An SVG for dark browsers, beside a source that is one. Relative to `cwd`. */
  readonly dark?: string | undefined
  /** What opaque icons stand on: `#rgb` or `#rrggbb`. @default the one colour of the picture's border, or white */
  readonly background?: string | undefined
  /** Whether there is a web app manifest, and the icons that it names. @default false */
  readonly manifest?: boolean | undefined
  /** The name in it. @default none */
  readonly name?: string | undefined
  /** Path of the folder on the site's host. @default '/' */
  readonly base?: string | undefined
  /** Replace files that have other contents. @default false */
  readonly force?: boolean | undefined
  /** @default process.cwd() */
  readonly cwd?: string | undefined
  /** See `PoolOptions.child`. */
  readonly child?: string | undefined
}

/** What was made. The JSON form is a contract: fields are added, never renamed. */
export interface FaviconResult {
  /** Absolute. */
  readonly out: string
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly result: Written }[]
  /** Of all files. */
  readonly bytes: number
  /** Lines for the `<head>` of every page. */
  readonly tags: readonly string[]
  /** What opaque icons stand on, `#rrggbb`. */
  readonly background: string
  /** What a person should know of the result. */
  readonly notes: readonly string[]
}

type Rgb = readonly [number, number, number]

/** What a picture for dark browsers is seen on. */
const BLACK: Rgb = [0, 0, 0]

/** Wall clock for all icons of a source; the child is killed then. */
const SECONDS = 60

/**
 * read -> draw, in a child that can be killed -> write, all or none. The same source gives the same bytes.
 * @throws E_USAGE, E_URL, E_MISSING_PACKAGE, E_UNREADABLE, E_IMAGE_*, E_OUT, E_WRITE; nothing was written then
 */
export async function makeFavicon(
  options: FaviconOptions,
  { signal }: Pick<Run, 'signal'> = {},
): Promise<FaviconResult> {
  const { cwd = process.cwd(), force = false } = options
  const out = resolve(cwd, options.out)
  const background = parseColour(options.background)
  const base = parseBase(options.base ?? '/', 'base')
  const source = await readIconSource(resolve(cwd, options.source))
  const dark = options.dark === undefined ? undefined : await readDark(source, resolve(cwd, options.dark))
  const set: IconSet = { isVector: source.isVector, hasManifest: options.manifest ?? false }
  const { icons, ...drawn } = await drawAll({ source, dark, plans: iconPlans(set), background }, options, signal)
  const files = filesOf({ source, dark, set, icons, name: options.name })
  const sources = [source, ...(dark ? [dark] : [])].map(({ path }) => path)
  const written = await writeSet(out, files, { force, sources })
  return {
    out,
    files: files.map(({ name, bytes }, at) => ({ name, bytes: bytes.length, result: written[at] ?? 'new' })),
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    tags: iconTags(set, base),
    background: drawn.background,
    notes: drawn.hasText ? [FONTS] : [],
  }
}

const FONTS =
  'It has text, which is drawn with the fonts of this machine and, in icon.svg, of each visitor: turn it into paths.'

interface Drawings {
  readonly source: IconSource
  readonly dark: IconSource | undefined
  readonly plans: readonly IconPlan[]
  readonly background: Rgb | undefined
}

/** Of the drawing for dark browsers no icon is made, but it has to be one that can be seen there. */
async function drawAll(
  { dark, ...light }: Drawings,
  { child }: Pick<FaviconOptions, 'child'>,
  signal: AbortSignal | undefined,
): Promise<DrawnIcons> {
  const pool = createRenderPool({ size: 1, child, signal })
  try {
    const drawn = await drawIn(pool, light)
    if (dark === undefined) return drawn
    const other = await drawIn(pool, { source: dark, plans: [], background: BLACK, blankHint: LIGHTER })
    return { ...drawn, hasText: drawn.hasText || other.hasText }
  } finally {
    await pool.close()
  }
}

/** Something to draw. */
interface Drawing {
  readonly source: IconSource
  readonly plans: readonly IconPlan[]
  readonly background: Rgb | undefined
  /** What mends a picture that is not seen on it. */
  readonly blankHint?: string | undefined
}

/** @throws E_MISSING_PACKAGE, E_IMAGE_* */
async function drawIn(pool: RenderPool, { source, blankHint, ...asked }: Drawing): Promise<DrawnIcons> {
  const { path, bytes, isVector } = source
  const attempt = () => pool.icons({ ...asked, bytes, isVector }, { seconds: SECONDS })
  const first = await attempt()
  // a crash may have been the machine's
  const answer = first.ok || first.failure.code !== 'E_IMAGE_CRASHED' ? first : await attempt()
  if (answer.ok) return answer.value
  const { code, message, hint } = answer.failure
  const special = hint ?? (code === 'E_IMAGE_BLANK' ? blankHint : undefined)
  throw notAnIcon(code, { path, why: message, hint: special ?? HINTS[code] ?? ANEW })
}

const LIGHTER = 'Dark browsers show it on something dark: draw it in lighter colours.'
const ANEW = 'Save it again with the program that made it.'
const SIMPLER = 'Simplify it: filters and large images inside of it take long.'

/** What mends a source that is refused. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  E_IMAGE_FORMAT: 'Take an SVG, or a PNG, JPEG, WebP or AVIF that stands still.',
  E_IMAGE_SMALL: 'Take a larger original, an SVG best. Without --manifest, 192 pixels are enough.',
  E_IMAGE_PIXELS: 'Save it smaller: no icon is larger than 512 pixels.',
  E_IMAGE_BLANK: 'Name a colour that it is seen on: --background "#336699"',
  E_IMAGE_TIMEOUT: SIMPLER,
  E_IMAGE_MEMORY: SIMPLER,
}

interface Parts {
  readonly source: IconSource
  readonly dark: IconSource | undefined
  readonly set: IconSet
  readonly icons: DrawnIcons['icons']
  readonly name: string | undefined
}

function filesOf({ source, dark, set, icons, name }: Parts): readonly SetFile[] {
  const pngs = icons.map((icon) =>
    icon.name === ICO.name ? { ...icon, bytes: icoFile([{ side: ICO.side, png: icon.bytes }]) } : icon,
  )
  const vector = dark ? Buffer.from(svgPair(source.bytes.toString(), dark.bytes.toString())) : source.bytes
  const [ico, ...others] = pngs
  return [
    ...(ico ? [ico] : []),
    ...(set.isVector ? [{ name: VECTOR_NAME, bytes: vector }] : []),
    ...others,
    ...(set.hasManifest ? [{ name: MANIFEST_NAME, bytes: Buffer.from(iconManifest(name)) }] : []),
  ]
}

/** @throws E_USAGE where one of the two is no SVG: browsers have no icon of pixels for each */
async function readDark(source: IconSource, path: string): Promise<IconSource> {
  const dark = await readIconSource(path)
  if (source.isVector && dark.isVector) return dark
  throw new LadingError('E_USAGE', 'an icon for dark browsers is an SVG beside an SVG', {
    subject: printable(path),
    why: `The ${source.isVector ? 'one for dark browsers' : 'source'} is an image of pixels.`,
    hint: 'Give both as SVG, or leave --dark out.',
  })
}

/** @throws E_USAGE */
function parseColour(text: string | undefined): Rgb | undefined {
  if (text === undefined) return undefined
  const [, digits] = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(text) ?? []
  if (digits === undefined) {
    throw new LadingError('E_USAGE', `"${printable(text)}" is no colour`, {
      subject: '--background',
      hint: 'Write it with three or six digits, quoted, because a shell takes # for a comment: --background "#336699"',
    })
  }
  const [red = '', green = '', blue = ''] = digits.match(digits.length === 3 ? /./g : /../g) ?? []
  const channel = (hex: string): number => Number.parseInt(hex.length === 1 ? hex + hex : hex, 16)
  return [channel(red), channel(green), channel(blue)]
}
