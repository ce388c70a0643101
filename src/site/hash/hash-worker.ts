// The thread of `hash-reader.ts`.
import { parentPort, workerData } from 'node:worker_threads'
import type { FileFacts, SourceFile } from '../file.ts'
import { readFacts } from '../read.ts'
import type { DeployCredentials } from '../secrets/deploy-credentials.ts'
import type { ReaderData } from './hash-reader.ts'

const credentials = revived((workerData as ReaderData).credentials) // of the thread that started this one

parentPort?.on('message', (files: readonly SourceFile[]) => parentPort?.postMessage(files.map(tryRead)))

/** The caller finds out why it cannot be read, by reading it itself. */
function tryRead(file: SourceFile): FileFacts | undefined {
  try {
    return readFacts(file, credentials)
  } catch {
    return undefined
  }
}

/** On its way from thread to thread a Buffer becomes a plain array of bytes. */
function revived(sent: DeployCredentials | undefined): DeployCredentials | undefined {
  if (sent === undefined) return undefined
  return { ...sent, needles: sent.needles.map(({ variable, bytes }) => ({ variable, bytes: Buffer.from(bytes) })) }
}
