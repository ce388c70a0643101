import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { FileFacts, SourceFile } from '../file.ts'
import type { DeployCredentials } from '../secrets/deploy-credentials.ts'

/** Another thread that reads files. */
export interface Reader {
  /**
   * The facts of each file, in order, `undefined` for one that could not be read; `undefined` for all where the thread
   * did not start or has ended. Never rejects: the caller can still read them itself.
   */
  read(files: readonly SourceFile[]): Promise<readonly (FileFacts | undefined)[] | undefined>
  /** Terminates the thread, even while it reads. */
  close(): void
}

/** The worker gets the credentials to look for, but no environment variables. */
export interface ReaderData {
  readonly credentials: DeployCredentials | undefined
}

/** Heap for new objects (V8's young generation) in the worker, in MiB: it allocates little. */
const YOUNG_MIB = 4

/** @returns nothing where the system or its permissions allow no thread */
export function startReader(
  credentials: DeployCredentials | undefined,
  file: URL = new URL('./hash-worker.js', import.meta.url),
): Reader | undefined {
  const waiting: ((found: readonly (FileFacts | undefined)[] | undefined) => void)[] = []
  let hasEnded = false
  const end = (): void => {
    hasEnded = true
    for (const resolve of waiting.splice(0)) resolve(undefined)
  }
  const workerData: ReaderData = { credentials }
  const worker = tryStart(file, {
    ...{ workerData, env: {}, execArgv: [] },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  if (worker === undefined) return undefined
  // It runs our own file, and answers in the order in which it is asked.
  worker.on('message', (found: (FileFacts | undefined)[]) => waiting.shift()?.(found))
  worker.on('error', end)
  worker.on('exit', end)
  return {
    read: (files) =>
      new Promise((resolve) => {
        if (hasEnded) return resolve(undefined)
        waiting.push(resolve)
        // Getters do not survive postMessage: the fields are copied.
        worker.postMessage(files.map(({ path, disk, dev, ino, size }): SourceFile => ({ path, disk, dev, ino, size })))
      }),
    close: () => void worker.terminate(),
  }
}

function tryStart(file: URL, options: WorkerOptions): Worker | undefined {
  try {
    return new Worker(file, options)
  } catch {
    return undefined
  }
}
