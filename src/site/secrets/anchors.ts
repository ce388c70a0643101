import { createHash } from 'node:crypto'
import { type ContentRule, type Level, mask, type TextKind } from './rule.ts'
import { SHAPE_RULES } from './shape-rules.ts'
import { TOKEN_RULES } from './token-rules.ts'
import { TRACE_RULES } from './trace-rules.ts'

const RULES: readonly ContentRule[] = [...SHAPE_RULES, ...TOKEN_RULES, ...TRACE_RULES]

/** The rule for the run's own credentials, which is no pattern. */
export const DEPLOY_RULE = 'deploy credentials'

const LEVELS: ReadonlyMap<string, Level> = new Map([
  ...RULES.map(({ name, level }) => [name, level] as const),
  [DEPLOY_RULE, 'deploy'],
])

/** What a finding's rule means. A rule that is no longer known stops the run: its file has to be read again. */
export const levelOf = (rule: string): Level => LEVELS.get(rule) ?? 'stop'

/** Changes with any rule's name or pattern: what was found by other rules has to be looked for again. */
export const RULES_DIGEST: string = createHash('sha256')
  .update(RULES.map(({ name, pattern }) => `${name} ${pattern.source}`).join('\n'))
  .digest('hex')
  .slice(0, 8)

/** Three bytes as a number. */
const code = (text: string): number => (text.charCodeAt(0) << 16) | (text.charCodeAt(1) << 8) | text.charCodeAt(2)

/** Rules by the first three bytes of their anchors. */
const BY_ANCHOR: ReadonlyMap<number, readonly ContentRule[]> = byAnchor()

function byAnchor(): Map<number, ContentRule[]> {
  const rules = new Map<number, ContentRule[]>()
  for (const rule of RULES) {
    for (const start of new Set(rule.anchors.map(code))) rules.set(start, [...(rules.get(start) ?? []), rule])
  }
  return rules
}

/** 1 where the hash of an anchor's first three bytes falls: one lookup per byte of text rules out nearly all places. */
const MAY_START = new Uint8Array(1 << 16)
for (const start of BY_ANCHOR.keys()) MAY_START[hashOf(start << 8)] = 1

/** Sixteen bits of the upper three bytes of a 32-bit number, whose lowest byte is 0. */
function hashOf(bytes: number): number {
  return Math.imul(bytes, 0x9e3779b1) >>> 16
}

/** Whether an anchor may start with these three bytes: "no" is certain, "yes" nearly always right. */
export const mayStart = (start: number): boolean => MAY_START[hashOf(start << 8)] === 1

/**
 * The first place from `from` on, before `end`, where an anchor may stand; `end` or more if there is none. Reads four
 * bytes at a time, which hold two places: of the last three bytes each counts as such a place.
 */
export function nextAnchor(bytes: DataView, from: number, end: number): number {
  const last = Math.min(end - 1, bytes.byteLength - 4)
  let at = from
  for (; at <= last; at += 2) {
    const four = bytes.getInt32(at)
    const first = MAY_START[hashOf(four & 0xffffff00)] ?? 0
    const second = MAY_START[hashOf(four << 8)] ?? 0
    if ((first | second) !== 0) return first === 1 ? at : at + 1
  }
  return at
}

/** Rules with an anchor that starts with these three bytes. */
export function rulesAt(start: number, kind: TextKind): readonly ContentRule[] {
  const rules = BY_ANCHOR.get(start)
  if (rules === undefined) return []
  return rules.some((rule) => rule.kind !== undefined && rule.kind !== kind)
    ? rules.filter((rule) => rule.kind === undefined || rule.kind === kind)
    : rules
}

export interface Place {
  readonly rule: ContentRule
  readonly sample: string
  /** Characters from the anchor that need not be looked at again. */
  readonly length: number
}

/** Matches per rule in one window: a file that is nothing but anchors must not take minutes. */
const MATCHES = 1000

/** Tries the rules where an anchor stands in `text`; the first that fits wins. `tries` counts over a window. */
export function matchAt(
  text: string,
  at: number,
  { rules, tries }: { readonly rules: readonly ContentRule[]; readonly tries: Map<ContentRule, number> },
): Place | undefined {
  for (const rule of rules) {
    rule.pattern.lastIndex = at
    const match = rule.pattern.exec(text)
    if (match === null) continue
    const tried = (tries.get(rule) ?? 0) + 1
    tries.set(rule, tried)
    if (tried > MATCHES || rule.accepts?.(match) === false) continue
    const sample = rule.sample?.(match) ?? mask(match[1] ?? match[0])
    return { rule, sample, length: Math.max(1, match[0].length) }
  }
  return undefined
}
