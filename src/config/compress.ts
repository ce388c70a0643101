import { LadingError } from '../words/errors.ts'
import type { CompressRule, LadingConfig, ResolvedCompressRule } from './interface.ts'
import { type ConfigSources, optionName } from './sources.ts'

/** Level per encoding: least, most, and the default, which is the smallest output. https://nodejs.org/docs/latest-v20.x/api/zlib.html */
const LEVELS = { gzip: [1, 9, 9], br: [0, 11, 11], identity: [0, 11, 0] } as const

/** An edge rule cannot check whether there is a second object, so small files have one too. */
const MIN_BYTES = { gzip: 1024, br: 0, identity: 0 } as const

/** Text, and formats that hold their data uncompressed. */
const TEXT = '*.{html,htm,xhtml,css,js,mjs,cjs,json,svg,xml,rss,atom,txt,md,vtt,webmanifest,wasm,ttf,otf,eot,ico,bmp}'

/** What fetches well-known files (certificate authorities, app stores) need not know any encoding. */
const GZIP: readonly CompressRule[] = [
  { match: '.well-known/**', encoding: 'identity' },
  { match: TEXT, encoding: 'gzip' },
]

/**
 * Rules with their defaults filled in. Each keeps its place as its name: `compress[2]`.
 *
 * @throws E_USAGE for a word that is not `gzip` or `none`
 * @throws E_CONFIG for a rule without globs or with a number out of range
 */
export function resolveCompress(
  value: Exclude<LadingConfig['compress'], undefined>,
  sources: ConfigSources | undefined,
): ResolvedCompressRule[] {
  if (value === 'none') return []
  if (value === 'gzip') return GZIP.map((rule) => resolveRule(rule, 'compress'))
  if (typeof value !== 'string') return value.map((rule, index) => resolveRule(rule, `compress[${index}]`))
  throw new LadingError('E_USAGE', `${optionName('compress', sources)} is not a way to compress`, {
    subject: value,
    hint: 'Write gzip or none, or give a list of rules in lading.config.ts.',
  })
}

function resolveRule(
  { match, encoding, level, minBytes = MIN_BYTES[encoding] }: CompressRule,
  name: string,
): ResolvedCompressRule {
  const globs = typeof match === 'string' ? [match] : [...match]
  if (globs.length === 0 || globs.includes('')) {
    throw new LadingError('E_CONFIG', `${name}.match is empty`, { hint: 'Write a glob, for example match: "*.js".' })
  }
  const [least, most, smallest] = LEVELS[encoding]
  const chosen = level ?? smallest
  requireNumber(`${name}.level`, chosen, [least, most])
  requireNumber(`${name}.minBytes`, minBytes, [0, Number.MAX_SAFE_INTEGER])
  return { match: globs, encoding, level: chosen, minBytes, name }
}

function requireNumber(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new LadingError('E_CONFIG', `${name} is out of range`, {
    why: `It must be a whole number from ${least} to ${most}, got ${value}.`,
    hint: 'Leave it out for the default.',
  })
}
