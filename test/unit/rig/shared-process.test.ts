import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const tests = join(import.meta.dirname, '../..')
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !/^(?:fixtures|browser|faults|frameworks|servers)\//.test(name))
const having = (names: readonly string[], pattern: RegExp): readonly string[] =>
  names.filter((name) => pattern.test(readFileSync(join(tests, name), 'utf8')))

describe('test files that share a process', () => {
  it('put nothing in the place of a module, which another one may have loaded: who does is named .alone.test.ts', () => {
    const sharing = files.filter((name) => !/\.(?:alone|sweep)\.test\.ts$/.test(name))
    expect(having(sharing, /^\s*vi\.(?:mock|doMock)\(/m)).toEqual([])
  })

  it('get no hook from a helper that only the first of them loads: it says what it does by after()', () => {
    const helpers = files.filter((name) => !name.endsWith('.test.ts') && name !== 'rig/every-file.ts')
    expect(having(helpers, /^(?:before|after)(?:Each|All)\(/m)).toEqual([])
  })
})

it('whoever waits for something has the time of a busy machine, by eventually()', () => {
  const all = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const own = all.filter((name) => !name.startsWith('fixtures') && name !== join('rig', 'eventually.ts'))
  expect(having(own, /\b(?:vi\.wait(?:For|Until)|expect\.poll)\(/)).toEqual([])
})
