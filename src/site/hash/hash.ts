import { availableParallelism } from 'node:os'
import { LadingError } from '../../words/errors.ts'
import type { SitePath } from '../../words/model.ts'
import type { FileFacts, SiteFile } from '../file.ts'
import { readFacts } from '../read.ts'
import { unreadable } from '../scan/scan-trouble.ts'
import type { DeployCredentials } from '../secrets/deploy-credentials.ts'
import { turns } from '../turn.ts'
import type { HashCache } from './hash-cache.ts'
import type { Reader } from './hash-reader.ts'

export interface HashOptions {
  readonly cache: HashCache
  /** Looked for in every file. @default none */
  readonly credentials?: DeployCredentials | undefined
  readonly signal?: AbortSignal | undefined
  readonly onFile?: ((file: SiteFile) => void) | undefined
  /** Starts the reader thread, for callers that ship its file elsewhere. @default the one of this package */
  readonly startReader?: ((credentials: DeployCredentials | undefined) => Reader | undefined) | undefined
}

/** From this size on a file takes longer to read and hash than to be handed to another thread, in bytes. */
const LARGE = 256 * 1024
/** Reading so much takes longer than starting a thread that does it, in bytes. */
const WORTH_A_THREAD = 32 * 1024 * 1024
/** Batch size for the other thread: it stays busy for one of our turns, and the wait at the end is short. In bytes. */
const BATCH = 16 * 1024 * 1024
/** Batches in flight, so that it never waits for us. */
const BATCHES = 2

/**
 * The facts of every file, each read at most once; large files in two threads where there is much of them.
 * @throws E_UNREADABLE naming all that cannot be read; E_SOURCE_CHANGED
 */
export async function hashFiles(files: readonly SiteFile[], options: HashOptions): Promise<Map<SitePath, FileFacts>> {
  const reading: Reading = { options, facts: new Map(), failed: [], turn: turns(options.signal) }
  const unread = await recallAll(files, reading)
  const large = availableParallelism() > 1 ? unread.filter(isLarge) : []
  if (bytesOf(large) < WORTH_A_THREAD) await readAll(unread, reading)
  else await readInTwo(unread, large, reading)
  if (reading.failed.length > 0) throw unreadable(reading.failed.sort())
  return reading.facts
}

interface Reading {
  readonly options: HashOptions
  readonly facts: Map<SitePath, FileFacts>
  readonly failed: SitePath[]
  readonly turn: () => Promise<void> | undefined
}

/** @returns those not in the cache */
async function recallAll(files: readonly SiteFile[], { options, facts, turn }: Reading): Promise<SiteFile[]> {
  const unread: SiteFile[] = []
  for (const file of files) {
    const pause = turn()
    if (pause !== undefined) await pause // an await takes time, a hundred thousand times
    const known = options.cache.recall(file)
    if (known === undefined) unread.push(file)
    else {
      facts.set(file.path, known)
      options.onFile?.(file)
    }
  }
  return unread
}

async function readAll(files: Iterable<SiteFile>, reading: Reading): Promise<void> {
  for (const file of files) {
    const pause = reading.turn()
    if (pause !== undefined) await pause
    settle(file, tryRead(file, reading), reading)
  }
}

/** The other thread has the large files, from the front; this one the small ones, and then the large ones from the end. */
async function readInTwo(unread: readonly SiteFile[], large: SiteFile[], reading: Reading): Promise<void> {
  const { credentials, startReader = (await import('./hash-reader.ts')).startReader } = reading.options
  const reader = startReader(credentials)
  if (reader === undefined) return readAll(unread, reading)
  let isOver = false

  const handOver = async (): Promise<void> => {
    for (let batch = nextBatch(large); batch.length > 0 && !isOver; batch = nextBatch(large)) {
      const found = await reader.read(batch)
      for (const [at, file] of batch.entries()) {
        const pause = reading.turn() // if the thread has ended, this loop reads all without another await
        if (pause !== undefined) await pause
        if (isOver) return
        // What it could not read is read again here, to get the reason.
        settle(file, found?.[at] ?? tryRead(file, reading), reading)
      }
    }
  }
  const away = Promise.all(Array.from({ length: BATCHES }, handOver))
  away.catch(() => undefined) // awaited below; no unhandled rejection if this thread fails first
  try {
    await readAll(
      unread.filter((file) => !isLarge(file)),
      reading,
    )
    await readAll(fromEnd(large), reading)
    await orAborted(away, reading.options.signal)
  } finally {
    isOver = true
    reader.close()
  }
}

/** Rejects on abort, without waiting for the work. */
function orAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal?.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    work.then(() => resolve(), reject).finally(() => signal?.removeEventListener('abort', stop))
  })
}

function nextBatch(files: SiteFile[]): SiteFile[] {
  let [count, bytes] = [0, 0]
  for (; count < files.length && bytes < BATCH; count += 1) bytes += files[count]?.size ?? 0
  return files.splice(0, count)
}

function* fromEnd(files: SiteFile[]): Generator<SiteFile, void> {
  for (let file = files.pop(); file; file = files.pop()) yield file
}

/** Notes what was found, if anything was. */
function settle(file: SiteFile, found: FileFacts | undefined, { options, facts }: Reading): void {
  if (found !== undefined) {
    options.cache.remember(file, found)
    facts.set(file.path, found)
  }
  options.onFile?.(file)
}

function tryRead(file: SiteFile, { options, failed }: Reading): FileFacts | undefined {
  try {
    return readFacts(file, options.credentials)
  } catch (error) {
    if (!isDenied(error)) throw error
    failed.push(file.path)
    return undefined
  }
}

const isLarge = ({ size }: SiteFile): boolean => size >= LARGE

const bytesOf = (files: readonly SiteFile[]): number => files.reduce((sum, { size }) => sum + size, 0)

function isDenied(error: unknown): boolean {
  return error instanceof LadingError && error.code === 'E_UNREADABLE'
}
