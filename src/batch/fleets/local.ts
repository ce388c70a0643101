import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../../store/folder/lock.ts'
import { LadingError } from '../../words/errors.ts'
import type { Fleet, FleetCount, WorkerCommand } from '../fleet.ts'

export interface LocalFleetOptions {
  /** Holds a record and a log of each process. Created if missing. */
  readonly folder: string
  readonly max: number
  /** What an instance runs: `lading batch worker`. */
  readonly command: (instance: string) => WorkerCommand
}

interface Noted {
  readonly instance: string
  readonly pid: number
  /** Start time in kernel ticks, which tells the process from a later one with the same pid. */
  readonly began: string | undefined
}

/** How long one process may hold the lock before another presumes it dead, in milliseconds. */
const LOCK_STALE_MS = 10_000

/**
 * Processes of this machine as a fleet. They outlive the process that started them, and are recorded in a folder, so
 * that a submitter and a leader count the same ones.
 */
export function createLocalFleet({ folder, max, command }: LocalFleetOptions): Fleet {
  const counted = (alive: readonly Noted[]): FleetCount => ({
    desired: alive.length,
    inService: alive.length,
    max,
    instances: alive.map(({ instance }) => instance),
  })
  return {
    label: `processes of ${folder}`,
    count: async () => counted(await living(folder)),
    async grow(desired, signal) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return withLock(join(folder, 'lock'), { staleMs: LOCK_STALE_MS, signal }, async () => {
        const alive = [...(await living(folder))]
        while (alive.length < Math.min(desired, max)) alive.push(await start(folder, command))
        return counted(alive)
      })
    },
    async retire(instance) {
      const found = (await living(folder)).find((noted) => noted.instance === instance)
      if (!found) return
      end(found.pid)
      await forget(folder, instance)
    },
  }
}

async function start(folder: string, command: LocalFleetOptions['command']): Promise<Noted> {
  const instance = `local-${randomBytes(4).toString('hex')}`
  const { file, args, env, cwd } = command(instance)
  const log = openSync(join(folder, `${instance}.log`), 'a', 0o600)
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(env && { env: { ...env } }),
      ...(cwd !== undefined && { cwd }),
    })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('spawn', () => resolve(child.pid ?? 0))
    })
    child.unref()
    const noted = { instance, pid, began: await beginningOf(pid) }
    await writeFile(noteOf(folder, instance), JSON.stringify(noted), { mode: 0o600 })
    return noted
  } catch (cause) {
    throw new LadingError('E_BATCH', 'a worker could not be started', { subject: file, cause })
  } finally {
    closeSync(log)
  }
}

/** The running ones; records of others are deleted. */
async function living(folder: string): Promise<readonly Noted[]> {
  const found: Noted[] = []
  for (const name of (await readdir(folder).catch(none)).sort()) {
    if (!name.endsWith('.json')) continue
    const noted = await readNote(join(folder, name))
    if (!noted) continue
    if (await isAlive(noted)) found.push(noted)
    else await forget(folder, noted.instance)
  }
  return found
}

async function readNote(file: string): Promise<Noted | undefined> {
  try {
    const { instance, pid, began } = JSON.parse(await readFile(file, 'utf8'))
    return typeof instance === 'string' && Number.isInteger(pid) && pid > 0 ? { instance, pid, began } : undefined
  } catch {
    return undefined // being written, or retired meanwhile
  }
}

async function isAlive({ pid, began }: Noted): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return began === undefined || (await beginningOf(pid)) === began
}

/** `undefined` for a zombie process, and where there is no `/proc`. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the program's name in parentheses, and may hold anything. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // it has ended by itself
  }
}

const noteOf = (folder: string, instance: string): string => join(folder, `${instance}.json`)
const forget = (folder: string, instance: string): Promise<void> => unlink(noteOf(folder, instance)).catch(ignore)
const none = (): string[] => []
const ignore = (): void => undefined
