import { hash } from 'node:crypto'
import { integrityText } from '../../plan/asset-list.ts'
import type { Reference } from '../../rewrite/reference.ts'
import type { SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import type { MovedFile } from '../layout.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'
import { bytesProbe } from '../probe.ts'
import { readWhole } from '../read.ts'

/** The `integrity` value of the bytes before compression. https://www.w3.org/TR/SRI/#the-integrity-attribute */
export function integrityOf({ body }: MovedFile): string {
  return integrityText(body.sha256)
}

/**
 * Why a reference with `integrity` must stay at the site: its digest does not match the file, so browsers block it
 * today, and a new digest would load what its author did not mean.
 */
export function whyIntegrityHolds(work: LayoutWork, { tag }: Reference, moved: MovedFile): string | undefined {
  if (tag?.integrity === undefined || moved.verbatim) return undefined
  const file = work.files.get(moved.path)
  if (file === undefined) return undefined
  return fitsFile(work, file, tag.integrity.value)
    ? undefined
    : 'its integrity attribute names other bytes than the file has'
}

/**
 * The `integrity` value for the file's own bytes; undefined when the tag need not change. For a page that was rewritten
 * in place, whose digest was that of the moved copy.
 */
export function integrityOfFile(work: LayoutWork, { tag }: Reference, path: SitePath): string | undefined {
  const file = work.files.get(path)
  if (tag?.integrity === undefined || file === undefined) return undefined
  return fitsFile(work, file, tag.integrity.value) ? undefined : integrityText(factsOf(work, path).sha256)
}

function fitsFile(work: LayoutWork, file: SiteFile, integrity: string): boolean {
  work.probes.current?.add(bytesProbe(file.path))
  return fits(readWhole(file, factsOf(work, file.path).sha256), integrity)
}

const ALGORITHMS = ['sha512', 'sha384', 'sha256'] as const

/** The strongest listed algorithm decides; without a known one, anything matches. */
function fits(bytes: Uint8Array, integrity: string): boolean {
  const named = [...integrity.matchAll(/(sha(?:256|384|512))-([A-Za-z0-9+/_-]+)/g)]
  const strongest = ALGORITHMS.find((algorithm) => named.some(([, name]) => name === algorithm))
  if (strongest === undefined) return true
  const digest = hash(strongest, bytes, 'base64').replace(/=+$/, '')
  return named.some(([, name, value = '']) => name === strongest && plain(value) === digest)
}

/** The URL-safe alphabet is allowed too. */
const plain = (value: string): string => value.replaceAll('-', '+').replaceAll('_', '/')
