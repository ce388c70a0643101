import { plural, printable } from '../../index.ts'
import type { Annotation, Place } from './commands.ts'
import type { RunRecord } from './record.ts'

/** Items quoted in one annotation. */
const QUOTED = 10
/** Words that the name of a file is looked for among. */
const MOST_WORDS = 20

export interface AnnotationOptions {
  /** `verify`. */
  readonly command: string
  /** A file of the repository, from its root, by the path that a message gives it. */
  readonly find: (path: string) => string | undefined
}

/** What a CI shows beside a run: one remark for its failure, one for each warning, one for all findings. */
export function annotationsOf(record: RunRecord, { command, find }: AnnotationOptions): Annotation[] {
  const { error, warnings, drifts, findings } = record
  const found = [
    ...drifts.shown.map(({ key, kind, detail }) => `${key}  ${kind}: ${detail}`),
    ...findings.shown.map(({ page, line, url, message }) => `${page}:${line}  ${url}  ${message}`),
  ]
  const count = drifts.count + findings.count
  const all: (Annotation | false)[] = [
    error !== undefined && {
      kind: 'error',
      title: error.code,
      message: lines([error.message, error.subject, error.why, ...quoted(error.details), error.fix]),
      place: placeOf([...error.details, error.subject ?? ''], find),
    },
    count > 0 && {
      kind: 'error',
      title: `lading ${command}`,
      message: lines([plural(count, 'finding'), ...quoted(found, count)]),
    },
    ...warnings.map(
      ({ code, message, items, fix }): Annotation => ({
        kind: 'warning',
        title: code,
        message: lines([message, ...quoted(items), fix]),
        place: placeOf(items, find),
      }),
    ),
  ]
  return all.filter((annotation) => annotation !== false)
}

const lines = (parts: readonly (string | undefined)[]): string =>
  parts.flatMap((part) => (part === undefined ? [] : [printable(part)])).join('\n')

function quoted(items: readonly string[], count: number = items.length): string[] {
  const shown = items.slice(0, QUOTED)
  return count > shown.length ? [...shown, `and ${count - shown.length} more`] : shown
}

/** The first item that begins with a file's name, as `path`, `path:12` or `path:12:7`, whatever follows after a space. */
function placeOf(items: readonly string[], find: AnnotationOptions['find']): Place | undefined {
  for (const item of items.slice(0, QUOTED)) {
    for (const beginning of beginnings(item)) {
      const [, path = '', line, column] = /^(.+?)(?::(\d+)(?::(\d+))?)?$/.exec(beginning) ?? []
      const file = path === '' ? undefined : find(path)
      if (file !== undefined) {
        return { file, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) }
      }
    }
  }
  return undefined
}

/** Up to each space, the longest first: names hold spaces, too. */
function beginnings(item: string): string[] {
  const words = item.split(' ').slice(0, MOST_WORDS)
  return words.map((_, at) => words.slice(0, words.length - at).join(' '))
}
