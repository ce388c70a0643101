import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Tests that start the command or a bundler run what users run: the build, made once before the first test. A type
 * error does not stop it (the types are a step of their own); the emitted code is always the current one.
 * `npm test` has just made it, and where several runs share one, `KEEP_DIST=1` leaves it as it is.
 */
export default function build(): void {
  const { KEEP_DIST, npm_lifecycle_event: script } = process.env
  if (KEEP_DIST === '1' || script === 'test') return
  const root = join(import.meta.dirname, '../..')
  const { error } = spawnSync(process.execPath, ['scripts/build.mjs', '--over'], { cwd: root, stdio: 'inherit' })
  if (error !== undefined) throw error
}
