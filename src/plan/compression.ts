import type { ResolvedCompressRule } from '../config/interface.ts'
import type { HeaderSet, SitePath } from '../words/model.ts'
import { matcher } from './patterns.ts'

/** How a file's bytes are to be compressed before they are stored. */
export interface Packing {
  readonly encoding: 'gzip' | 'br'
  readonly level: number
  /** `compress[1]`, for explanations. */
  readonly rule: string
}

export interface CompressionSubject {
  readonly path: SitePath
  /** In bytes, before compression. */
  readonly size: number
  /** What the first bytes say it is. */
  readonly magic: string | undefined
  /** As decided so far: what carries an encoding already gets no other. */
  readonly headers: HeaderSet
}

/** Larger files stay as they are, because they would have to be in memory as a whole, twice; in bytes. */
export const MOST_PACKED_BYTES = 64_000_000

/** Formats that are compressed already: to compress them again only costs their readers time. */
const COMPRESSED: ReadonlySet<string> = new Set([
  ...['gzip', 'zip', 'png', 'jpeg', 'gif', 'webp', 'avif', 'woff', 'woff2', 'mpegts'],
])

/** Compiles the rules once; the result tells how a file is to be compressed. First match wins; none is identity. */
export function compressionRules(
  rules: readonly ResolvedCompressRule[],
): (subject: CompressionSubject) => Packing | undefined {
  const compiled = rules.map((rule) => ({ rule, matches: matcher(rule.match) }))
  return ({ path, size, magic, headers }) => {
    const rule = compiled.find(({ matches }) => matches(path))?.rule
    if (rule === undefined || rule.encoding === 'identity' || size < rule.minBytes || size > MOST_PACKED_BYTES)
      return undefined
    if (headers['content-encoding'] !== undefined || (magic !== undefined && COMPRESSED.has(magic))) return undefined
    return { encoding: rule.encoding, level: rule.level, rule: rule.name }
  }
}

/** Share of a file's size that compression must save; less does not pay for the unpacking. */
const LEAST_SAVING = 0.1

/**
 * Whether the compressed bytes are stored in place of the file. A second object beside it is stored in any case: the
 * edge rule that asks for it cannot check whether it exists.
 */
export function isWorthPacking({ encoding }: Packing, size: number, packed: number): boolean {
  return encoding === 'br' || packed <= size * (1 - LEAST_SAVING)
}

/** The headers of an object once it is stored compressed. */
export function encodedHeaders(headers: HeaderSet, { encoding }: Packing): HeaderSet {
  return { ...headers, 'content-encoding': encoding }
}
