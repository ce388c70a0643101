import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CalledCommand } from '../../../src/cli/called.ts'
import { plainLine } from '../../../src/cli/plain-line.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { COMMANDS } from '../../../src/cli/rows.ts'

/** The line as commander reads it; undefined where it refuses it, or answers it itself. */
function byCommander(argv: readonly string[]): CalledCommand | undefined {
  const quiet = { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, cwd: '/' }
  let found: CalledCommand | undefined
  const program = createProgram(quiet, argv, (called) => {
    found = called
  })
  try {
    program.parse([...argv], { from: 'user' })
    return found
  } catch {
    return undefined
  }
}

const WORDS = [
  'site',
  's3://bucket/a',
  '7',
  '0x10',
  '',
  ' ',
  '-',
  '--',
  '-x',
  '-vq',
  '--to=x',
  '--help',
  '--version',
  'help',
]

/** A command, and words of which many are its own flags. */
const line = fc.constantFrom(...COMMANDS).chain(({ name, options }) => {
  const flags = options.flatMap((option) => option.flags.replace(/ <.*/, '').split(', '))
  const word = fc.oneof(fc.constantFrom('-x', ...flags), fc.constantFrom(...WORDS))
  return fc.array(word, { maxLength: 6 }).map((words) => [...name.split(' '), ...words])
})

it('a line that needs no parser is read as the parser reads it', () => {
  let plain = 0
  fc.assert(
    fc.property(line, (argv) => {
      const read = plainLine(argv, COMMANDS)
      if (read === undefined) return
      plain += 1
      expect(read).toEqual(byCommander(argv))
    }),
    { numRuns: 3000 },
  )
  expect(plain).toBeGreaterThan(300)
})

it.each([
  ['sync site --to store'],
  ['sync --no-cors --cors --include a --include b --max-delete 5 --concurrency 8 --concurrency x'],
  ['plan -v --dry-run'],
  ['batch control drain'],
  ['batch submit images --to store'],
])('needs no parser, or is refused by both: %s', (text) => {
  const argv = text.split(' ')
  expect(plainLine(argv, COMMANDS)).toEqual(byCommander(argv))
})

it.each([
  ['sync --to=store'],
  ['sync --to -x'],
  ['sync --to'],
  ['plan a b'],
  ['sync a b c'],
  ['sync --help'],
  ['sync -vq'],
  ['sync -- site'],
  ['explain'],
  ['batch'],
  ['help sync'],
  ['--version'],
])('is left to the parser: %s', (text) => {
  expect(plainLine(text.split(' '), COMMANDS)).toBeUndefined()
})
