import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { MENU } from '../../../src/cli/menu.ts'
import { outputOf } from '../../../src/cli/process.ts'
import { isOnlyForReaders } from '../../../src/cli/run.ts'

/** A pipe whose reader goes away after the first line, as `head -1`. */
class Pipe extends EventEmitter {
  readonly texts: string[] = []

  write(text: string): boolean {
    if (this.texts.length > 0) this.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    this.texts.push(text)
    return true
  }
}

describe('a reader that goes away', () => {
  it('is told of once, and nothing is written to it any more', () => {
    const pipe = new Pipe()
    let told = 0
    const output = outputOf(pipe, () => {
      told += 1
    })
    for (const line of ['one', 'two', 'three', 'four']) output.write(line)
    expect(told).toBe(1)
    expect(pipe.texts).toEqual(['one', 'two'])
  })

  it('is told apart from a disk that is full, once', () => {
    const pipe = new Pipe()
    const failures: string[] = []
    outputOf(pipe, (error) => failures.push(error?.message ?? 'gone'))
    for (const _ of [1, 2]) pipe.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))
    expect(failures).toEqual(['full'])
  })

  it.each([['--help'], ['--json', 'config'], ['plan', 'sync'], ['explain', 'a.css'], ['releases']])(
    'ends %s %s, which only prints',
    (...argv) => {
      expect(isOnlyForReaders(argv)).toBe(true)
    },
  )

  it('ends no command whose work is not what it prints', () => {
    const printers = MENU.filter(({ name }) => isOnlyForReaders(name.split(' '))).map(({ name }) => name)
    expect(printers).toEqual(['plan', 'explain', 'releases', 'verify', 'policy', 'stack site', 'config', 'completion'])
  })
})
