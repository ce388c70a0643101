import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { annotationLine, withoutCommands, withoutCommandsInJson } from '../../../../src/cli/ci/commands.ts'

interface Obeyed {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** As the runner reads a line: `ActionCommand.cs` of actions/runner. */
function obeyed(line: string): Obeyed | undefined {
  const start = line.replace(/^[\s\x85]+/, '')
  const [, info = '', data = ''] = /^::(.*?)::(.*)$/s.exec(start) ?? /##\[(.*?)\](.*)$/s.exec(line) ?? []
  const [, name = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(info) ?? []
  if (name === '') return undefined
  const properties = rest.split(',').flatMap((pair): [string, string][] => {
    const [, key, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? []
    return key === undefined || value === undefined ? [] : [[key, unescaped(value)]]
  })
  return { name, properties: Object.fromEntries(properties), data: unescaped(data) }
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

const linesOf = (text: string): string[] => text.split(/\r?\n/)

const piece = fc.constantFrom(
  ...[
    '::',
    ':',
    '##[',
    '#',
    '[',
    ']',
    'error',
    'add-mask',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\u00a0',
    '\x85',
    'file=a',
    '%',
    '%0A',
    '%3A',
    ',',
    'x',
  ],
)
const textOfPieces = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))

describe('what is printed in GitHub Actions', () => {
  it.each(['::error::x', '  ::add-mask::x', '\t::stop-commands::x', '##[error]x', 'a ##[add-mask]b', 'a\n::debug::x'])(
    'would be obeyed as it is, and is not as it is printed: %j',
    (text) => {
      expect(linesOf(text).some((line) => obeyed(line) !== undefined)).toBe(true)
      expect(linesOf(withoutCommands(text)).map(obeyed)).toEqual(linesOf(text).map(() => undefined))
    },
  )

  it('holds no command, whatever it is made of', () => {
    fc.assert(
      fc.property(textOfPieces, (text) => linesOf(withoutCommands(text)).every((line) => obeyed(line) === undefined)),
      { numRuns: 2000 },
    )
  })

  it.each(['plain', 'a::b', 'https://example.com:8080/', '# heading [1]', '10:30'])('stays as it is: %s', (text) => {
    expect(withoutCommands(text)).toBe(text)
  })

  it('is the same value where it is JSON, and holds no command there', () => {
    fc.assert(
      fc.property(textOfPieces, (text) => {
        const line = withoutCommandsInJson(JSON.stringify({ text }))
        return obeyed(line) === undefined && JSON.parse(line).text === text
      }),
    )
  })

  it('an annotation is one command, and comes out as it went in', () => {
    fc.assert(
      fc.property(textOfPieces, textOfPieces, fc.string({ minLength: 1 }), (message, title, file) => {
        const line = annotationLine({ kind: 'error', title, message, place: { file, line: 3, column: 7 } })
        const [only = '', ...rest] = linesOf(line)
        expect(rest).toEqual([''])
        const found = obeyed(only)
        expect(found?.name).toBe('error')
        expect(found?.data).toBe(message)
        expect(found?.properties).toMatchObject({ line: '3', col: '7', file, ...(title !== '' && { title }) })
      }),
    )
  })
})
