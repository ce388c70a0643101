import { hash } from 'node:crypto'
import { isServiceWorker } from '../../rewrite/keep.ts'
import type { SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import type { RewrittenFile } from '../layout.ts'
import { factsOf, isNowhere, type LayoutWork } from '../layout-work.ts'
import { madeBody, readWhole } from '../read.ts'

/**
 * A digest as a string of its own. MD5: Workbox's revisions; a page whose revision is the same is never asked for again.
 * SHA-1: the table of Angular's worker, which refuses a page with another one.
 */
const LISTED = /(?<=["'`])(?:[0-9a-f]{32}|[0-9a-f]{40})(?=["'`])/g

type Algorithm = 'md5' | 'sha1'
const algorithmOf = (digest: string): Algorithm => (digest.length === 32 ? 'md5' : 'sha1')

/**
 * Service workers list pages with digests of the bytes that the build wrote: each becomes that of the bytes that go out.
 * Without it a visitor who has the worker keeps a page that names images of long ago, until they are pruned. Digests of
 * anything else are left alone, and so is the rest of the file.
 * @param make the bytes of a rewritten page
 */
export function relistPages(
  work: LayoutWork,
  pages: ReadonlyMap<SitePath, RewrittenFile>,
  make: (file: SiteFile) => Uint8Array | undefined,
): RewrittenFile[] {
  const lists = readLists(work)
  const asked = new Set(lists.flatMap(({ text }) => text.match(LISTED) ?? []))
  if (asked.size === 0) return []
  const algorithms = [...new Set([...asked].map(algorithmOf))]
  const renewed = new Map<string, string>()
  for (const file of work.input.files) {
    const { sha256 } = factsOf(work, file.path)
    if ((pages.get(file.path)?.body.sha256 ?? sha256) === sha256) continue
    const source = readWhole(file, sha256)
    const listed = algorithms.filter((algorithm) => asked.has(hash(algorithm, source)))
    const made = listed.length === 0 ? undefined : make(file)
    if (made !== undefined) for (const each of listed) renewed.set(hash(each, source), hash(each, made))
  }
  return lists.flatMap((list) => relisted(list, renewed))
}

interface List {
  readonly path: SitePath
  /** One character for each byte, so that it is written back as it was. */
  readonly text: string
}

function readLists(work: LayoutWork): List[] {
  const files = work.input.files.filter(
    ({ path }) => isServiceWorker(path) && !work.isKept(path) && !isNowhere(work, path),
  )
  return files.map((file) => ({
    path: file.path,
    text: readWhole(file, factsOf(work, file.path).sha256).toString('latin1'),
  }))
}

function relisted({ path, text }: List, renewed: ReadonlyMap<string, string>): RewrittenFile[] {
  let edits = 0
  const made = text.replace(LISTED, (digest) => {
    const now = renewed.get(digest)
    if (now !== undefined) edits += 1
    return now ?? digest
  })
  if (edits === 0) return []
  const bytes = Buffer.from(made, 'latin1')
  return [{ path, body: madeBody(path, bytes.byteLength, hash('sha256', bytes), () => bytes), edits }]
}
