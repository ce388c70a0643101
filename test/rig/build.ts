import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Tests that start the command or a bundler run what users run: the build, made once before the first test. A type
 * error does not stop it (the types are a step of their own); the emitted code is always the current one.
 * Where several runs share one that is made already, `KEEP_DIST=1` leaves it as it is.
 */
export default function build(): void {
  if (process.env.KEEP_DIST === '1') return
  const root = join(import.meta.dirname, '../..')
  const { error } = spawnSync(process.execPath, ['scripts/build.mjs', '--over'], { cwd: root, stdio: 'inherit' })
  if (error !== undefined) throw error
}
