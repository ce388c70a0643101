import { hash } from 'node:crypto'
import type { SyncOptions } from '../config/interface.ts'
import { layOutSite } from '../draft/lay-out.ts'
import { createTally } from '../draft/tally.ts'
import type { Run } from '../line/run.ts'
import { splitPolicies } from '../policy/csp-policy.ts'
import { type Desired, desiredObjects } from '../site/desired.ts'
import { fileBody } from '../site/read.ts'
import { survey } from '../site/survey.ts'
import type { ObjectSource } from '../transfer/serve-object.ts'
import type { Body, Digest, Key, SitePath } from '../words/model.ts'
import { type Move, movedPolicy } from './local-policy.ts'
import { digestsOf, movedPage, movedText, type Renamed, withAddresses } from './local-text.ts'

/** A build as `lading sync` would publish it, read from its folder; nothing is written. */
export interface BuildPreview {
  /** The site with its CDN at an address of this machine (absolute, ends with `/`); undefined: where the build says. */
  at(address: string | undefined): LocalBuild
}

/** The build with its addresses replaced by this machine's, and with the digests of the texts that this changes. */
export interface LocalBuild {
  /** What the CDN would have, with its headers. Not compressed: that is for the CDN to do. */
  readonly objects: ObjectSource
  /** What a visitor gets in place of a text of the folder: pages and web manifests as `sync` leaves them. */
  text(bytes: Buffer, isPage: boolean): Promise<Buffer>
  /** A header's Content-Security-Policy. */
  policy(header: string): string
}

/** What a local build is made from. */
interface Site {
  readonly url: string
  readonly objects: ReadonlyMap<Key, Desired>
  /** Texts whose digests documents may hold, with the copies of them that stay at the site. */
  readonly texts: readonly Body[]
  readonly pages: ReadonlyMap<Digest, Body>
}

/**
 * Reads a build that a plugin has recorded, without a store.
 * @throws what {@link survey} throws: what must not be published is not shown either
 */
export async function previewBuild(options: SyncOptions, run: Run = {}): Promise<BuildPreview> {
  const { signal, env } = run
  const { delivery } = options
  if (delivery.mode === 'mirror') throw new Error('a build with addresses has a url')
  const found = await survey(options, { signal, env })
  const known = { urls: [], taken: () => undefined }
  const layout = await layOutSite({ options, known, survey: found, references: createTally('none'), signal })
  const objects = desiredObjects({ survey: found, layout, ...options })
  const digestOf = (path: SitePath): Digest => found.facts.get(path)?.sha256 ?? ''
  const scripts = found.files.filter(({ path }) => /\.(?:m?js|css)$/i.test(path))
  const site: Site = {
    url: delivery.url.href,
    objects: new Map(objects.map((object) => [object.key, object])),
    texts: [
      ...objects.filter(isText).map(({ body }) => body),
      ...scripts.map((file) => fileBody(file, digestOf(file.path))),
    ],
    pages: new Map([...(layout?.pages.values() ?? [])].map(({ path, body }) => [digestOf(path), body])),
  }
  return { at: (address) => localBuild(site, { from: site.url, to: address ?? site.url }) }
}

function isText({ headers }: Desired): boolean {
  return /^(?:text\/|image\/svg\+xml|application\/(?:[\w.+-]*json|javascript|xml))/.test(headers['content-type'] ?? '')
}

function localBuild(site: Site, move: Move): LocalBuild {
  const isMoved = move.from !== move.to
  const renamed = renaming(site, move)
  const policyOf = (policy: string): string => movedPolicy(withAddresses(policy, move), move)
  const changed = new Map<Key, Promise<Buffer>>()
  const textOf = (object: Desired): Promise<Buffer> => {
    const text = changed.get(object.key) ?? read(object.body).then((bytes) => moved(bytes, { move, renamed }))
    changed.set(object.key, text)
    return text
  }
  const get: ObjectSource['get'] = async (key, { range } = {}) => {
    const object = site.objects.get(key)
    if (object === undefined) return undefined
    const { headers, body } = object
    const text = isMoved && isText(object) ? await textOf(object) : undefined
    const size = text?.byteLength ?? body.size
    const [start, end] = [range?.start ?? 0, Math.min(range?.end ?? size, size)]
    const bytes = text?.subarray(start, end) ?? (await body.read(start, end))
    return { key, size, headers, bytes, etag: text ? hash('sha256', text) : body.sha256, sha256: undefined }
  }
  return {
    objects: { get },
    async text(bytes, page) {
      const published = site.pages.get(hash('sha256', bytes))
      const ours = published === undefined ? bytes : await read(published)
      return isMoved ? moved(ours, { move, renamed, page }) : ours
    },
    policy: (header) => (isMoved ? splitPolicies(header).map(policyOf).join(', ') : header),
  }
}

interface Moving {
  readonly move: Move
  readonly renamed: Renamed
  readonly page?: boolean
}

async function moved(bytes: Buffer, { move, renamed, page = false }: Moving): Promise<Buffer> {
  const text = bytes.toString('latin1')
  return Buffer.from(await (page ? movedPage : movedText)(text, move, renamed), 'latin1')
}

/** No text can contain its own digest, so this recursion ends. */
function renaming({ texts }: Site, move: Move): Renamed {
  let table: Promise<ReadonlyMap<string, Renaming>> | undefined
  const renamed: Renamed = async (digest) => {
    table ??= digestTable(texts)
    const found = (await table).get(digest)
    if (found === undefined) return undefined
    found.after ??= read(found.body)
      .then((bytes) => moved(bytes, { move, renamed }))
      .then(digestsOf)
    return (await found.after)[found.algorithm]
  }
  return renamed
}

interface Renaming {
  readonly body: Body
  readonly algorithm: number
  after?: Promise<string[]>
}

async function digestTable(texts: readonly Body[]): Promise<ReadonlyMap<string, Renaming>> {
  const table = new Map<string, Renaming>()
  for (const body of texts) {
    for (const [algorithm, digest] of digestsOf(await read(body)).entries()) table.set(digest, { body, algorithm })
  }
  return table
}

async function read(body: Body): Promise<Buffer> {
  return Buffer.from(await body.read(0, body.size))
}
