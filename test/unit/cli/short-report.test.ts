import { describe, expect, it } from 'vitest'
import type { CliIo } from '../../../src/cli/io.ts'
import { report } from '../../../src/cli/run.ts'
import { LadingError } from '../../../src/index.ts'

/** A world in which the whole report fails with `code`, and what was written there. */
function brokenWorld(code: string, signal?: AbortSignal): { readonly io: CliIo; out: string; err: string } {
  const world = {
    out: '',
    err: '',
    io: {
      stdout: {
        write(text: string) {
          world.out += text
        },
      },
      stderr: {
        write(text: string) {
          world.err += text
        },
      },
      get env(): CliIo['env'] {
        throw Object.assign(new Error('hunter2'), { code })
      },
      cwd: '/',
      signal,
    },
  }
  return world
}

const DENIED = new LadingError('E_ACCESS_DENIED', 'hunter2 may not be read', { hint: 'hunter2' })

describe('a failure of which the whole cannot be told', () => {
  it('is told in three lines, with nothing of what it says', async () => {
    const world = brokenWorld('EMFILE')
    expect(await report(DENIED, ['sync'], world.io)).toBe(4)
    expect(world.out).toBe('')
    expect(world.err).toBe(
      'E_ACCESS_DENIED  the run failed, and EMFILE keeps the rest from being told\n' +
        '  fix  Allow this process more open files (ulimit -n), then run the same command again.\n' +
        '  exit 4\n',
    )
  })

  it('is a record where records are asked for', async () => {
    const world = brokenWorld('ERR_MODULE_NOT_FOUND')
    expect(await report(DENIED, ['sync', '--json'], world.io)).toBe(4)
    expect(world.err).toBe('')
    expect(JSON.parse(world.out)).toEqual({
      v: 1,
      type: 'error',
      code: 'E_ACCESS_DENIED',
      message: 'the run failed, and ERR_MODULE_NOT_FOUND keeps the rest from being told',
      fix: 'Install lading again, then run the same command again.',
      exit: 4,
    })
  })

  it('keeps the exit code of the signal that stopped the run', async () => {
    const reason = Object.assign(new Error('SIGTERM'), { exitCode: 143 })
    const world = brokenWorld('EMFILE', AbortSignal.abort(reason))
    expect(await report(DENIED, ['sync'], world.io)).toBe(143)
    expect(world.err).toMatch(/^E_ABORTED {2}/)
  })

  it.each([Object.assign(new Error('x'), { code: 'commander.unknownOption', exitCode: 1 }), 'x'])(
    'that is none of ours is a bug: %s',
    async (error) => {
      const world = brokenWorld('EIO')
      expect(await report(error, ['sync'], world.io)).toBe(1)
      expect(world.err).toMatch(/^E_BUG {2}the run failed, and EIO keeps .*\n {2}fix {2}Report it/)
    },
  )
})
