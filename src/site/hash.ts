import { LadingError } from '../errors.ts'
import type { SitePath } from '../model.ts'
import type { FileFacts, SiteFile } from './file.ts'
import type { HashCache } from './hash-cache.ts'
import { readFacts } from './read.ts'
import { unreadable } from './scan-trouble.ts'
import type { DeployCredentials } from './secrets/deploy-credentials.ts'
import { turns } from './turn.ts'

export interface HashOptions {
  readonly cache: HashCache
  /** Looked for in every file. @default none */
  readonly credentials?: DeployCredentials | undefined
  readonly signal?: AbortSignal | undefined
  readonly onFile?: ((file: SiteFile) => void) | undefined
}

/**
 * The facts of every file, each read at most once.
 * @throws E_UNREADABLE naming all that cannot be read; E_SOURCE_CHANGED
 */
export async function hashFiles(files: readonly SiteFile[], options: HashOptions): Promise<Map<SitePath, FileFacts>> {
  const { cache, signal, onFile } = options
  const facts = new Map<SitePath, FileFacts>()
  const failed: SitePath[] = []
  const turn = turns(signal)
  for (const file of files) {
    const pause = turn()
    if (pause !== undefined) await pause // a wait for nothing costs, a hundred thousand times
    const known = cache.recall(file) ?? tryRead(file, options, failed)
    if (known !== undefined) facts.set(file.path, known)
    onFile?.(file)
  }
  if (failed.length > 0) throw unreadable(failed)
  return facts
}

function tryRead(file: SiteFile, { cache, credentials }: HashOptions, failed: SitePath[]): FileFacts | undefined {
  try {
    const facts = readFacts(file, credentials)
    cache.remember(file, facts)
    return facts
  } catch (error) {
    if (!isDenied(error)) throw error
    failed.push(file.path)
    return undefined
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof LadingError && error.code === 'E_UNREADABLE'
}
