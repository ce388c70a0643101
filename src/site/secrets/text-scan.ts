import type { Finding } from '../file.ts'
import { DEPLOY_RULE, matchAt, nextAnchor, rulesAt } from './anchors.ts'
import type { DeployCredentials } from './deploy-credentials.ts'
import { AHEAD, BEHIND, type ContentRule, type TextKind } from './rule.ts'

/** Maximum number of findings per rule and file; once these are fixed, the next run shows more. */
const FINDINGS_PER_RULE = 20

/** Scans a file for secrets in one pass, piece by piece as it is read. */
export interface TextScan {
  /** The next piece; `isLast` looks at its end too, which otherwise waits for the piece after it. */
  feed(piece: Uint8Array, isLast: boolean): void
  findings(): readonly Finding[]
}

export interface TextScanOptions {
  readonly kind: TextKind
  /** Looked for in every file. */
  readonly credentials: DeployCredentials
}

interface State {
  readonly options: TextScanOptions
  readonly found: Finding[]
  readonly counts: Map<string, number>
  /** The end of the last window, so that what lies across two pieces is seen whole. */
  carry: Buffer
  /** Where in `carry` to go on; everything before has been looked at. */
  from: number
  line: number
  /** Characters of the line before `from`. */
  column: number
}

export function createTextScan(options: TextScanOptions): TextScan {
  const state: State = {
    options,
    found: [],
    counts: new Map(),
    carry: Buffer.alloc(0),
    from: 0,
    line: 1,
    column: 0,
  }
  return {
    feed: (piece, isLast) => feed(state, piece, isLast),
    findings: () => state.found.sort((a, b) => a.line - b.line || a.column - b.column),
  }
}

function feed(state: State, piece: Uint8Array, isLast: boolean): void {
  const { credentials } = state.options
  const ahead = Math.max(AHEAD, credentials.longest)
  const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  const window = state.carry.length === 0 ? view : Buffer.concat([state.carry, view])
  const end = isLast ? window.length : Math.max(state.from, window.length - ahead)
  findCredentials(state, window)
  findAnchored(state, window, end)
  if (isLast) return
  advance(state, window, end)
  const start = Math.max(0, end - BEHIND)
  state.carry = Buffer.from(window.subarray(start)) // a copy: the piece is read into again
  state.from = end - start
}

/** A credential found in an earlier window is not reported again: its name was counted then. */
function findCredentials(state: State, window: Buffer): void {
  for (const { variable, bytes } of state.options.credentials.needles) {
    const at = state.counts.has(variable) ? -1 : window.indexOf(bytes, state.from)
    if (at === -1) continue
    state.counts.set(variable, 1)
    add(state, window, { at, rule: DEPLOY_RULE, sample: variable })
  }
}

function findAnchored(state: State, window: Buffer, end: number): void {
  const tries = new Map<ContentRule, number>()
  const { kind } = state.options
  const bytes = new DataView(window.buffer, window.byteOffset, window.byteLength)
  let text: string | undefined
  let at = nextAnchor(bytes, state.from, end)
  while (at < end) {
    const rules = rulesAt(threeAt(window, at), kind)
    if (rules.length > 0) text ??= window.toString('latin1')
    const place = text === undefined ? undefined : matchAt(text, at, { rules, tries })
    if (place !== undefined) add(state, window, { at, rule: place.rule.name, sample: place.sample })
    at = nextAnchor(bytes, at + (place?.length ?? 1), end)
  }
}

const threeAt = (window: Buffer, at: number): number =>
  ((window[at] ?? 0) << 16) | ((window[at + 1] ?? 0) << 8) | (window[at + 2] ?? 0)

interface Spot {
  readonly at: number
  readonly rule: string
  readonly sample: string
}

function add(state: State, window: Buffer, { at, rule, sample }: Spot): void {
  const count = (state.counts.get(rule) ?? 0) + 1
  state.counts.set(rule, count)
  if (count > FINDINGS_PER_RULE) return
  const { line, column } = placeOf(state, window, at)
  state.found.push({ rule, line, column: column + 1, sample })
}

/** Counts lines and columns on from `state.from`. */
function placeOf(state: State, window: Buffer, end: number): { line: number; column: number } {
  let { line, column } = state
  let start = state.from
  for (let at = window.indexOf(10, start); at !== -1 && at < end; at = window.indexOf(10, start)) {
    line++
    column = 0
    start = at + 1
  }
  for (let at = start; at < end; at++) if (((window[at] ?? 0) & 0xc0) !== 0x80) column++
  return { line, column }
}

function advance(state: State, window: Buffer, end: number): void {
  const { line, column } = placeOf(state, window, end)
  state.line = line
  state.column = column
}
