import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LadingError } from '../../words/errors.ts'
import { codeOf, isAbsent } from '../../words/system-error.ts'
import { throwIfAborted } from '../abort.ts'

const POLL_MS = 10

export interface LockOptions {
  /** How long a lock may go unreleased before it counts as left behind by a dead process, in milliseconds. */
  readonly staleMs: number
  readonly signal?: AbortSignal | undefined
}

/** Whether the lock is still ours; to be called immediately before the change that it guards. */
export type StillHeld = () => Promise<boolean>

/**
 * Runs `deed` while no other process holds the lock `file`. A waiter takes over a lock that has not changed for
 * `staleMs` by the waiter's monotonic clock: clocks of machines and file systems are never compared.
 *
 * @throws E_STORE (retryable) when the lock was taken from us while the deed was going on, E_ABORTED
 */
export async function withLock<T>(
  file: string,
  options: LockOptions,
  deed: (stillHeld: StillHeld) => Promise<T>,
): Promise<T> {
  const token = randomBytes(12).toString('hex')
  await acquire(file, token, options)
  try {
    return await deed(async () => (await holderOf(file)) === token)
  } finally {
    if ((await holderOf(file)) === token) await unlink(file).catch(ignoreAbsent)
  }
}

/** What a deed throws when it finds that it no longer holds the lock. */
export function lostLock(): LadingError {
  return new LadingError('E_STORE', 'the lock on an object was taken over', {
    why: 'this process paused for longer than a lock lasts',
    retryable: true,
  })
}

async function acquire(file: string, token: string, { staleMs, signal }: LockOptions): Promise<void> {
  let seen: { readonly holder: string; readonly since: number } | undefined
  for (;;) {
    throwIfAborted(signal)
    if (await create(file, token)) return
    const holder = await holderOf(file)
    if (holder === undefined) continue
    if (seen?.holder !== holder) seen = { holder, since: performance.now() }
    if (performance.now() - seen.since >= staleMs) await discard(file, token, holder)
    else await delay(POLL_MS)
  }
}

async function create(file: string, token: string): Promise<boolean> {
  try {
    const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
    const handle = await open(file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
    try {
      await handle.writeFile(token)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Removes a stale lock, by a rename that only one waiter can win. If another process acquires the lock between our
 * check and the rename, it finds by {@link StillHeld} that it has lost it again, and changes nothing.
 */
async function discard(file: string, token: string, stale: string): Promise<void> {
  if ((await holderOf(file)) !== stale) return
  const aside = `${file}.${token}`
  try {
    await rename(file, aside)
  } catch (error) {
    ignoreAbsent(error)
    return
  }
  await unlink(aside).catch(ignoreAbsent)
}

async function holderOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NOFOLLOW })
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function ignoreAbsent(error: unknown): void {
  if (!isAbsent(error)) throw error
}
