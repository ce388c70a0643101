import { lstatSync, statSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { realPlace } from '../site/place.ts'
import { LadingError } from '../words/errors.ts'
import { isAbsent } from '../words/system-error.ts'
import type { SyncOptions, Target } from './interface.ts'
import { isAtAmazon } from './target.ts'

/**
 * No folder that is written may hold, or lie in, a folder that is read: the next run would load its own output.
 *
 * @throws E_OUT, E_ROOT_DANGEROUS
 */
export function checkPlaces(options: Pick<SyncOptions, 'root' | 'target' | 'state' | 'delivery' | 'cacheDir'>): void {
  const { delivery } = options
  const root = realPlace(options.root)
  if (dirname(root) === root) return // the root of a disk is never a site; the scan reports that better
  if (realPlace(options.cacheDir) === root) throw cacheIsSite(options.cacheDir)
  const out = delivery.mode === 'offload' && delivery.pages === 'out' ? delivery.dir : undefined
  if (out !== undefined && overlap(realPlace(out), root)) {
    throw new LadingError('E_OUT', 'the site and --out lie inside each other', {
      subject: out,
      why: 'The next run would read its own output as the site.',
      hint: 'Choose a folder beside the site.',
    })
  }
  for (const store of [options.target, options.state]) {
    if (store?.kind === 'folder') checkStore(store.path, root, out)
  }
}

/** Below the site it is passed over; its files among those of the site could not be told from them. */
const cacheIsSite = (cacheDir: string): LadingError =>
  new LadingError('E_ROOT_DANGEROUS', 'the cache and the site are one folder', {
    subject: cacheDir,
    why: 'The next run would publish what this one remembers.',
    hint: 'Give cacheDir a folder of its own.',
  })

function checkStore(path: string, root: string, out: string | undefined): void {
  if (overlap(realPlace(path), root)) {
    throw new LadingError('E_ROOT_DANGEROUS', 'the store and the site lie inside each other', {
      subject: path,
      why: 'The next run would load the store into itself.',
      hint: 'Choose a folder beside the site.',
    })
  }
  if (out !== undefined && overlap(realPlace(path), realPlace(out))) {
    throw new LadingError('E_OUT', 'the store and --out lie inside each other', {
      subject: out,
      why: '--out loses what a run does not write, objects of the store included.',
      hint: 'Give each of the two a folder of its own.',
    })
  }
}

/**
 * Records of releases have names that files of a site may have as well, and whoever may read those would read them.
 *
 * @throws E_USAGE
 */
export function checkState(state: Target, store: Target): void {
  if (!isSamePlace(state, store)) return
  throw new LadingError('E_USAGE', 'the state has the place of the store itself', {
    subject: state.label,
    why: 'Its records would lie among the files of the site. Where no state is named, it is there below .lading/.',
    hint: 'Leave --state out, or name another place.',
  })
}

function isSamePlace(a: Target, b: Target): boolean {
  if (a.kind === 'folder') return b.kind === 'folder' && realPlace(a.path) === realPlace(b.path)
  const isSameProvider = b.kind === 's3' && (a.endpoint === b.endpoint || (isAtAmazon(a) && isAtAmazon(b)))
  return isSameProvider && a.bucket === b.bucket && a.prefix === b.prefix
}

/**
 * The folder of a store may be missing: it is created. A file, a device or a link that leads nowhere in its place is a
 * mistake.
 *
 * @throws E_USAGE
 */
export function checkFolder(path: string, option: string): void {
  const other = otherThanFolder(path)
  if (other === undefined) return
  throw new LadingError('E_USAGE', `${option} is ${other}`, {
    subject: path,
    hint: 'Name a folder, or s3://BUCKET/PREFIX.',
  })
}

/** Errors of stat are left to the store to report. */
function otherThanFolder(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : 'a file, not a folder'
  } catch (error) {
    return isAbsent(error) && isLink(path) ? 'a link that leads nowhere' : undefined
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

/** True when one of the folders is the other or lies below it, links resolved. */
export const doOverlap = (a: string, b: string): boolean => overlap(realPlace(a), realPlace(b))

/** True when one is the other or lies below it. */
const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a)

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep)
