import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { type Explanation, explain, formatBytes, printable } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { EXPLAIN_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { hanging } from '../reporters/wrap.ts'
import { resolveFor, runOf, voiceOf } from '../session.ts'
import type { Terminal } from '../terminal.ts'

export async function run(input: CommandInput): Promise<number> {
  const options = await resolveFor(input, EXPLAIN_OPTIONS)
  const found = await explain(options, subjectOf(input.args[0] ?? '', options.root, input.io.cwd), runOf(input.io))
  const { isJson, out } = voiceOf(input)
  out.write(isJson ? jsonData('explanation', found) + jsonEnd : render(found, out))
  return 0
}

/** A path as a shell completes it, from the working folder or absolute, as the site's own; others as they are. */
function subjectOf(text: string, root: string, cwd: string): string {
  if (text === '' || (!isAbsolute(text) && existsSync(join(root, text)))) return text
  const below = relative(root, resolve(cwd, text))
  return below === '' || below.startsWith('..') ? text : below
}

function render(found: Explanation, out: Terminal): string {
  const facts: (readonly [string, string])[] = [
    ['class', found.class],
    ['key', found.key ?? 'none: it is not put into the store'],
    ['reason', found.reason],
    ['size', found.size < 1000 ? `${found.size} bytes` : `${formatBytes(found.size)} (${found.size} bytes)`],
    ['sha256', found.sha256],
    ...(found.key === undefined ? [] : [['stored', storedText(found.stored)] as const]),
  ]
  const lines = [printable(found.path), ...facts.map(([name, value]) => `  ${name.padEnd(9)}${printable(value)}`)]
  lines.push(
    ...section(
      'headers',
      found.headers.map(({ name, value, rule }) => [`${name}: ${value}`, rule]),
    ),
  )
  lines.push(
    ...section(
      'references',
      found.references.map(({ line, place, url, result }) => [`${line}: ${place}  ${url}`, result]),
    ),
  )
  lines.push(
    ...section(
      'referenced by',
      found.referencedBy.map((path) => [path, '']),
    ),
  )
  return lines.map((line) => `${hanging(line, /^ {2}\S/.test(line) ? 11 : 6, out)}\n`).join('')
}

function storedText(stored: Explanation['stored']): string {
  if (stored === undefined) return 'not yet'
  const etag = stored.etag === undefined ? '' : `, ETag ${stored.etag}`
  return `${stored.same ? 'the same content' : 'other content'}, ${stored.size} bytes${etag}`
}

/** Widest first column that still lines up; longer rows push their second column. */
const WIDEST = 60

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const width = Math.min(WIDEST, Math.max(...rows.map(([first]) => first.length)))
  return [
    `  ${title}`,
    ...rows.map(([first, second]) => `    ${printable(first).padEnd(width)}  ${printable(second)}`.trimEnd()),
  ]
}
