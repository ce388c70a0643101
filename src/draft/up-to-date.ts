import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { SyncOptions } from '../config/interface.ts'
import type { Run } from '../line/run.ts'
import { encodeLive, type Pointer } from '../plan/pointer.ts'
import { writeCacheFile } from '../site/cache-file.ts'
import { racyBy } from '../site/hash/racy.ts'
import type { SeenFolders } from '../site/scan/seen-folder.ts'
import { stampTree } from '../site/scan/tree-stamp.ts'
import { deployCredentials } from '../site/secrets/deploy-credentials.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { VERSION } from '../version.ts'
import type { Summary, Warning } from '../words/events.ts'
import type { Known, Stores } from './opened.ts'
import type { RepairOptions } from './repair-options.ts'

/** What a run that has nothing to do says. */
export interface Unchanged {
  readonly files: number
  /** Of all files, on the disk. */
  readonly bytes: number
  readonly warnings: readonly Warning[]
  readonly summary: Omit<Summary, 'ms'>
}

/** What the last run left behind. */
interface Mark {
  /** The release that was live. */
  readonly seq: number
  /** Digest of options, versions and credentials. */
  readonly question: string
  /** Absent after a run over files that had just changed, whose timestamps prove nothing. */
  readonly proof?: Proof | undefined
}

/** Digests of all else that could make the next run differ, and what it says where they are the same. */
interface Proof {
  readonly tree: string
  readonly pointer: string
  readonly answer: Unchanged
}

export interface UpToDate {
  /** Absent when the site has to be looked at. */
  readonly answer: Unchanged | undefined
  /** What is being read, or was; absent where nothing was asked for. */
  readonly read: Promise<Known | undefined> | undefined
  /** The folders that were scanned, if that was only a moment ago, since they may change. Returned once. */
  takeSeen(): SeenFolders | undefined
  /** Remembers that this is what a run would say while nothing changes. */
  mark(pointer: Pointer, answer: Unchanged): void
}

type Options = SyncOptions & RepairOptions

/**
 * Whether nothing has changed since a run that left nothing to do: no file (by its timestamps), no option, and nothing
 * in the store (by its pointer). Then the manifest need not be read, nor each file decided on.
 *
 * Never where pages lie at an origin, which may have changed as well; where a run is asked to report every file; or
 * where files changed so recently that timestamps prove nothing.
 */
export async function lookWhetherUpToDate(options: Options, stores: Stores, run: Run): Promise<UpToDate> {
  if (!isEligible(options, run)) return NOT_LOOKED
  const file = join(options.cacheDir, `up-to-date-${digest([options.root, options.target, options.channel])}.json`)
  const known = readMark(file)
  const question = questionOf(options, run)
  const isRacy = racyBy(options.cacheDir)
  const { monotonicMs } = run.clock ?? SYSTEM_CLOCK
  const startedMs = monotonicMs()
  const read = known?.question === question ? readBoth(stores, known.seq) : undefined
  const proof = read && known?.proof
  read?.catch(() => undefined) // no unhandled rejection: it is awaited below, or by the caller
  const tree = await stampTree(options.root, run.signal)
  let seen = tree?.seen
  const stamp = tree && { digest: tree.digest, newestMs: tree.newestMs }
  return {
    answer: proof && stamp?.digest === proof.tree && isLive(proof, await read, options) ? proof.answer : undefined,
    read,
    takeSeen() {
      const taken = monotonicMs() - startedMs < MOMENT_MS ? seen : undefined
      seen = undefined // not needed again, and large for a large site
      return taken
    },
    mark(pointer, answer) {
      const isTold = stamp !== undefined && !isRacy(stamp.newestMs)
      const found = isTold ? { tree: stamp.digest, pointer: pointerDigest(pointer), answer } : undefined
      writeMark(file, { seq: pointer.seq, question, proof: found })
    },
  }
}

/** For a run that is not to be spared a look. */
export const NOT_LOOKED: UpToDate = {
  answer: undefined,
  read: undefined,
  takeSeen: () => undefined,
  mark: () => undefined,
}

/** How long what was seen of the site counts, in milliseconds. */
const MOMENT_MS = 1000

function isEligible(
  { delivery, pictures, repair }: Options,
  { tellsKept = true, tellsReferences = false }: Run,
): boolean {
  return delivery.mode !== 'offload' && pictures === undefined && repair !== true && !tellsKept && !tellsReferences
}

/** Both reads at once, as usually the last run's release is still live; a deploy begun in between came later. */
async function readBoth({ state }: Stores, seq: number): Promise<Known | undefined> {
  const pointer = state.readPointer()
  const next = state.deploys.read(seq + 1)
  // a failure to read it does not matter once another release is live
  const [live] = await Promise.all([pointer, next.catch(() => undefined)])
  return live && { live, next: live.pointer.seq === seq ? { found: await next } : undefined }
}

/** A run that died may have left a deploy behind, of which the pointer does not tell, or something to tell the CDN. */
function isLive({ pointer }: Proof, read: Known | undefined, { cdn }: Options): boolean {
  if (read?.next === undefined || pointerDigest(read.live.pointer) !== pointer) return false
  if (cdn !== undefined && read.live.pointer.owed.length > 0) return false
  return read.next.found === undefined
}

/** Without the run's order: it matters only when publishing, and differs in every CI run. */
function questionOf({ order: _, ...options }: Options, { env = process.env }: Run): string {
  const { fingerprint } = deployCredentials(env)
  const { node, zlib, brotli } = process.versions
  return digest([VERSION, node, zlib, brotli, homedir(), fingerprint, options])
}

const digest = (value: unknown): string => hash('sha256', JSON.stringify(value)).slice(0, 32)

/** Of what is live: what was still to be told then, the run that marks may have told since. */
const pointerDigest = (pointer: Pointer): string => hash('sha256', encodeLive(pointer))

/** A torn file counts as none, as does one of another version: its question differs from ours. */
function readMark(file: string): Mark | undefined {
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Mark // written by writeMark(); the question holds the version
    return Number.isSafeInteger(mark.seq) ? mark : undefined
  } catch {
    return undefined
  }
}

/** Where nothing can be kept the next run looks at every file. */
function writeMark(file: string, mark: Mark): void {
  try {
    writeCacheFile(file, JSON.stringify(mark))
  } catch {
    // and one that reads an older mark makes a request in vain
  }
}
