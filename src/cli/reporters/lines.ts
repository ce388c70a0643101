import { relative } from 'node:path'
import {
  type FileEvent,
  type FileOp,
  formatBytes,
  formatDuration,
  type Phase,
  plural,
  printable,
  type ReferenceEvent,
  type RetryEvent,
  type StartEvent,
  type Summary,
  type WaitEvent,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { hanging } from './wrap.ts'

/** The sign of each operation, the same in every reporter; the words beside it say what it did. */
export const SIGNS: Readonly<Record<FileOp, string>> = {
  add: '+',
  change: '~',
  adopt: '~',
  headers: '~',
  page: '~',
  keep: '=',
  expire: '-',
  remove: '-',
}

/** `lading 0.1.0  dist -> s3://bucket/x/  offload https://cdn.example.com/  channel main`. */
export function startLine(event: StartEvent, terminal: Terminal, cwd: string): string {
  const { glyphs, style } = terminal
  const parts = [
    `${style('bold', 'lading')} ${event.version}`,
    `${printable(pathFrom(cwd, event.root))} ${glyphs.arrow} ${printable(event.target)}`,
    event.url === undefined ? event.mode : `${event.mode} ${event.url}`,
    `channel ${event.channel}`,
  ]
  return hanging(parts.join('  '), 2, terminal)
}

/** A path as a person in `cwd` would write it. */
export function pathFrom(cwd: string, path: string): string {
  const near = relative(cwd, path)
  if (near === '') return '.'
  return near.startsWith('..') ? path : near
}

/** Width of a column of keys where the longest is not known yet. */
export const KEY_WIDTH = 40

/** `+ a/logo.k3x7.png  3.2 kB  new`, the key padded to `width`. */
export function fileLine(event: FileEvent, width: number): string {
  const bytes = event.op === 'expire' || event.op === 'remove' ? '' : formatBytes(event.bytes)
  return `${SIGNS[event.op]} ${printable(event.key).padEnd(width)}  ${bytes.padStart(9)}  ${printable(event.reason)}`
}

/** `index.html:4 link[rel=manifest] app.webmanifest  kept: it works only at its own path`. */
export function referenceLine({ from, line, place, url, result, detail }: ReferenceEvent): string {
  return printable(`${from}:${line} ${place} ${url}  ${FATES[result]}: ${detail}`)
}

const FATES: Readonly<Record<ReferenceEvent['result'], string>> = {
  kept: 'kept',
  seen: 'not rewritten, seen in a script',
  picture: 'picture',
}

/** `waiting for deploy d5 of channel main, last sign of life 3.1 s ago`. */
export const waitLine = (event: WaitEvent): string => waitForms(event)[0]

/** The same, and shorter: without the silence, and without any number. */
export function waitForms({ deploy, channel, silentMs }: WaitEvent): readonly [string, ...string[]] {
  const silence = silentMs === undefined ? '' : `, last sign of life ${formatDuration(silentMs)} ago`
  const text = `waiting for deploy ${deploy} of channel ${printable(channel)}`
  return [text + silence, text, 'waiting for another deploy']
}

/** `retry 2: a/logo.k3x7.png  the store is overloaded`. */
export const retryLine = (event: RetryEvent): string => retryForms(event)[0]

/** The same, and shorter: the reason tells more than the key. */
export function retryForms({ attempt, key, reason }: RetryEvent): readonly [string, ...string[]] {
  const retry = `retry ${attempt}`
  return [`${retry}: ${printable(key)}  ${printable(reason)}`, `${retry}: ${printable(reason)}`, retry]
}

/** Says why the phases of a run begin anew; to be told of each phase that has ended. */
export function noteRounds(say: (line: string) => void): (phase: Phase) => void {
  let hasPlanned = false
  return (phase) => {
    if (hasPlanned && (phase === 'scan' || phase === 'plan')) say(AGAIN)
    hasPlanned = phase === 'plan' || (hasPlanned && phase !== 'scan')
  }
}

const AGAIN = 'planning anew: what is stored was changed by another run, or by one that was broken off'

export function hasChanges(summary: Summary): boolean {
  const { published, pages, originFiles } = summary
  return published || pages.written + pages.removed > 0 || originFiles !== undefined
}

/** What becomes of files at the origin that are no pages, where nothing else is to be told. */
export function originFilesText({ pages, originFiles }: Summary, verbs: readonly [string, string]): string[] {
  if (originFiles === undefined || pages.written + pages.removed > 0) return []
  const { written, removed } = originFiles
  const texts = [written > 0 && `${plural(written, 'file')} at the origin ${verbs[0]}`]
  return [...texts, removed > 0 && `${plural(removed, 'file')} at the origin ${verbs[1]}`].filter(
    (text) => text !== false,
  )
}

/** What a run came to, in one sentence. */
export function resultLine(summary: Summary): string {
  const time = formatDuration(summary.ms)
  if (!hasChanges(summary)) {
    const verb = summary.kept === 1 ? 'matches' : 'match'
    const release = summary.release === undefined ? '' : ` ${verb} release ${summary.release}`
    return `No changes. ${plural(summary.kept, 'object')}${release} (${time}).`
  }
  const counts = [
    summary.added + summary.changed > 0 &&
      `${summary.added + summary.changed} uploaded (${formatBytes(summary.bytes)})`,
    summary.reheadered > 0 && `headers of ${summary.reheadered} changed`,
    summary.adopted > 0 && `${summary.adopted} adopted`,
    `${summary.kept} kept`,
    summary.expired > 0 && `${summary.expired} to expire`,
    summary.removed > 0 && `${plural(summary.removed, 'page')} removed from the store`,
    summary.pages.written > 0 && `${plural(summary.pages.written, 'page')} written`,
    summary.pages.removed > 0 && `${plural(summary.pages.removed, 'page')} removed`,
    ...originFilesText(summary, ['written', 'removed']),
  ].filter((text) => text !== false)
  const release = summary.release === undefined ? '' : `Release ${summary.release}: `
  return `${release}${counts.join(', ')} (${time}).`
}

/** References in numbers; empty when the run had none to speak of. */
export function referencesLine({ references }: Summary): string {
  const { moved, kept, missing } = references
  if (moved + kept + missing === 0) return ''
  return `references: ${moved} moved, ${kept} kept, ${missing} missing`
}
