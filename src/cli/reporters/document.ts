import { type EdgeDocument, printable } from '../../index.ts'
import type { Voice } from '../session.ts'
import { jsonData, jsonEnd } from './json.ts'
import { wrap, wrapCommand } from './wrap.ts'

/** The document goes to stdout, to be saved or piped; what a person has to know of it to stderr. */
export function tellDocument(what: string, made: EdgeDocument, { isJson, isQuiet, out, err }: Voice): number {
  if (isJson) {
    out.write(jsonData('policy', { what, ...made }) + jsonEnd)
    return 0
  }
  out.write(made.text)
  if (isQuiet) return 0
  for (const note of made.notes) err.write(wrap(printable(note), err.columns))
  if (made.leftOut.length > 0) {
    err.write('Lines of _redirects that it cannot hold:\n')
    for (const line of made.leftOut) err.write(`  ${printable(line)}\n`)
  }
  err.write(`Save it as ${made.file}, then:\n`)
  for (const command of made.commands) err.write(`  ${wrapCommand(printable(command), err.columns)}\n`)
  return 0
}
