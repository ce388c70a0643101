import { hash } from 'node:crypto'
import { MOST_PACKED_BYTES } from '../plan/compression.ts'
import type { Body, Digest, SitePath } from '../words/model.ts'
import { unpack } from './compress/pack.ts'
import { openPackedFiles, type PackedFiles } from './compress/packed-files.ts'
import type { FileFacts, SiteFile, Variant } from './file.ts'
import { fileBody, readWhole } from './read.ts'
import { turns } from './turn.ts'

const encodingOf = (path: SitePath): Variant['encoding'] | undefined =>
  path.endsWith('.gz') ? 'gzip' : path.endsWith('.br') ? 'br' : undefined

interface Candidate {
  readonly file: SiteFile
  readonly facts: FileFacts
  readonly variant: Variant
}

export interface VariantsInput {
  readonly files: readonly SiteFile[]
  readonly facts: ReadonlyMap<SitePath, FileFacts>
  readonly cacheDir: string
  readonly signal?: AbortSignal | undefined
}

/**
 * The facts, with those files marked that hold the compressed bytes of the file beside them. A name is no proof: what
 * does not unpack to exactly those bytes is a file like any other, and `data.tar.gz` a download. Checked once, as long
 * as the cache has the result.
 * @throws E_SOURCE_CHANGED, E_UNREADABLE
 */
export async function markVariants(input: VariantsInput): Promise<ReadonlyMap<SitePath, FileFacts>> {
  const packed = input.files.filter(({ path }) => encodingOf(path) !== undefined)
  const candidates = packed.flatMap((file) => candidateOf(file, input.facts) ?? [])
  if (candidates.length === 0) return input.facts
  const remembered = openPackedFiles(input.cacheDir)
  const marked = new Map(input.facts)
  const turn = turns(input.signal)
  for (const { file, facts, variant } of candidates) {
    await turn()
    if (await isVariant({ file, facts, variant }, remembered)) marked.set(file.path, { ...facts, variant })
  }
  return marked
}

function candidateOf(file: SiteFile, facts: ReadonlyMap<SitePath, FileFacts>): Candidate | undefined {
  const encoding = encodingOf(file.path)
  const own = facts.get(file.path)
  const of = file.path.slice(0, -3)
  const original = facts.get(of)
  if (encoding === undefined || own === undefined || original === undefined) return undefined
  if (file.originOnly || file.size > MOST_PACKED_BYTES || (encoding === 'gzip' && own.magic !== 'gzip'))
    return undefined
  const { sha256, utf8, magic } = original
  return { file, facts: own, variant: { of, encoding, facts: { sha256, utf8, magic } } }
}

async function isVariant({ file, facts, variant }: Candidate, remembered: PackedFiles): Promise<boolean> {
  const original = variant.facts.sha256
  if (remembered.knows(original, facts.sha256)) return true
  const content = await unpack(readWhole(file, facts.sha256), variant.encoding, MOST_PACKED_BYTES)
  if (content === undefined || hash('sha256', content) !== original) return false
  remembered.note(original, { size: file.size, sha256: facts.sha256 })
  return true
}

/** Compressed bytes that the site brings along, by the digest of what they unpack to. */
export function givenBodies(
  files: readonly SiteFile[],
  facts: ReadonlyMap<SitePath, FileFacts>,
): (unpacked: Digest, encoding: Variant['encoding']) => Body | undefined {
  const given = new Map<string, Body>()
  for (const file of files) {
    if (encodingOf(file.path) === undefined) continue
    const { variant, sha256 = '' } = facts.get(file.path) ?? {}
    if (variant === undefined) continue
    const unpacked = variant.facts.sha256
    given.set(`${unpacked} ${variant.encoding}`, { ...fileBody(file, sha256), unpacked })
  }
  return (unpacked, encoding) => given.get(`${unpacked} ${encoding}`)
}
