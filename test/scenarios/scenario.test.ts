import { describe, expect, it } from 'vitest'
import { fillIn, parseScenario, splitWords } from './scenario.ts'

const TEXT = `# A story
stores: folder, s3

-- site/a.txt --
one

two

$ lading sync "a b" --to 'x y'
first

last
[exit 3]

# A remark between steps.
$ cat site/a.txt
`

describe('a scenario', () => {
  it('is read as steps with their files, words, lines and exit codes', () => {
    expect(parseScenario(TEXT)).toEqual({
      title: 'A story',
      stores: ['folder', 's3'],
      steps: [
        { kind: 'file', path: 'site/a.txt', text: 'one\n\ntwo\n' },
        {
          kind: 'command',
          line: 9,
          words: ['lading', 'sync', 'a b', '--to', 'x y'],
          expected: ['first', '', 'last'],
          exit: 3,
        },
        { kind: 'command', line: 16, words: ['cat', 'site/a.txt'], expected: [], exit: 0 },
      ],
    })
  })

  it('plays on every store unless it says otherwise, and has a title', () => {
    expect(parseScenario('# A\n$ x\n').stores).toEqual(['folder', 'memory', 's3'])
    expect(() => parseScenario('$ x\n')).toThrow('a scenario starts with')
  })

  it('splits words like a shell', () => {
    expect(splitWords(`write a.txt "one\\ntwo" 'three  four'`)).toEqual(['write', 'a.txt', 'one\ntwo', 'three  four'])
  })
})

describe('expected lines', () => {
  it('stand for themselves, and ... for any number of others', () => {
    expect(fillIn(['a', '...', 'd'], ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd'])
    expect(fillIn(['a', '...'], ['a', 'b'])).toEqual(['a', 'b'])
    expect(fillIn(['...', 'a'], ['a'])).toEqual(['a'])
  })

  it('do not hide a line that is missing, other or too much', () => {
    for (const actual of [['a', 'c'], ['a', 'b', 'd'], ['a', 'b', 'c', 'd'], []]) {
      expect(fillIn(['a', '...', 'c', 'x'], actual)).not.toEqual(actual)
      expect(fillIn(['a', 'b', 'c'], actual)).not.toEqual(actual)
    }
  })
})
