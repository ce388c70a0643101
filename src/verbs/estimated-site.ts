import { changedPaths } from '../cdn/aliases.ts'
import type { SyncOptions } from '../config/interface.ts'
import { layOutSite } from '../draft/lay-out.ts'
import { represent } from '../draft/represent.ts'
import { createTally } from '../draft/tally.ts'
import type { Run } from '../line/run.ts'
import { unhashedPath } from '../plan/naming.ts'
import type { Served } from '../report/join.ts'
import { type Stored, writesFor } from '../report/month.ts'
import type { AskedFile } from '../report/site-traffic.ts'
import { keepingOf, sharedSecondsOf } from '../report/visits.ts'
import { createResolver } from '../rewrite/resolve.ts'
import { createCompressor } from '../site/compress/compressor.ts'
import { type Desired, desiredObjects } from '../site/desired.ts'
import type { Files } from '../site/needs/needs.ts'
import { type Survey, survey } from '../site/survey.ts'
import { givenBodies } from '../site/variants.ts'
import type { Key, SitePath } from '../words/model.ts'

/** A site as `sync` would put it up, without a store. */
export interface EstimatedSite extends Files, Served {
  readonly survey: Survey
  readonly totals: { readonly files: number; readonly bytes: number }
  readonly stored: Stored
  /** Files that visitors get from the store, each once, under the name that pages have for it. */
  readonly asked: readonly Omit<AskedFile, 'sure' | 'all'>[]
  /** A text that is sent as it is stored, uncompressed. */
  isPlainText(path: SitePath): boolean
}

/** scan -> hash -> layout. @throws what `plan` throws of a site */
export async function lookAtSite(options: SyncOptions, { signal, env }: Run): Promise<EstimatedSite> {
  const { delivery, site, base } = options
  const found = await survey(options, { signal, env })
  const known = { urls: [], taken: () => undefined }
  const layout = await layOutSite({ options, known, survey: found, references: createTally('none'), signal })
  const objects = await represent(desiredObjects({ survey: found, layout, ...options }), {
    compressor: createCompressor({ ...options, given: givenBodies(found.files, found.facts) }),
    rows: undefined,
    doubts: false,
    fetch: async () => undefined,
    signal,
  })
  const named = namedObjects(objects)
  const files = new Map(found.files.map((file) => [file.path, file]))
  const byKey = new Map<Key, SitePath>(objects.filter(({ mutable }) => !mutable).map(({ key, path }) => [key, path]))
  const url = delivery.mode === 'mirror' ? undefined : delivery.url
  const fileOfKey = (key: Key): SitePath | undefined => byKey.get(key) ?? unhashedPath(key)
  const resolver = createResolver({
    ...{ site, base, url },
    has: (path) => files.has(path),
    pathOfKey: (key) => byKey.get(key),
    formerKey: (key) => {
      const path = unhashedPath(key)
      return path === undefined ? undefined : { path: files.has(path) ? path : undefined }
    },
  })
  return {
    survey: found,
    totals: { files: found.files.length, bytes: found.files.reduce((sum, { size }) => sum + size, 0) },
    stored: storedOf(objects, options),
    asked: [...named.values()]
      .filter(({ path }) => files.has(path))
      .map(({ path, body, headers }) => ({
        path,
        bytes: body.size,
        keeping: keepingOf(headers),
        sharedSeconds: sharedSecondsOf(headers),
      })),
    sizeOf: (path) => named.get(path)?.body.size ?? (delivery.mode === 'offload' ? files.get(path)?.size : undefined),
    isPlainText: (path) => isPlainText(named.get(path)),
    resolve: (reference, from, documentBase) => {
      const resolved = resolver.resolve(reference, from, documentBase)
      return resolved.kind === 'file' || resolved.kind === 'key' ? resolved.path : undefined
    },
    base,
    mount: url && (url.kind === 'host' ? new URL(url.href).pathname : url.href),
    has: (path) => files.has(path),
    fileOfKey,
  }
}

/** Of each file the object that pages name: that under a hash, where there is one. */
function namedObjects(objects: readonly Desired[]): ReadonlyMap<SitePath, Desired> {
  const named = new Map<SitePath, Desired>()
  for (const object of objects) if (!named.has(object.path)) named.set(object.path, object)
  return named
}

function storedOf(objects: readonly Desired[], options: SyncOptions): Stored {
  const replaceable = objects.filter(({ mutable }) => mutable).map(({ key }) => key)
  const sum = (of: (object: Desired) => number): number => objects.reduce((all, object) => all + of(object), 0)
  return {
    objects: objects.length,
    bytes: sum(({ body }) => body.size),
    writes: sum(({ body }) => writesFor(body.size)),
    replaceable: replaceable.length,
    paths: changedPaths(replaceable, options).length,
  }
}

const TEXT = /^(?:text\/|image\/svg\+xml|application\/(?:[\w.+-]*json|javascript|[\w.+-]*xml))/

const isPlainText = (object: Desired | undefined): boolean =>
  object !== undefined &&
  object.headers['content-encoding'] === undefined &&
  TEXT.test(object.headers['content-type'] ?? '')
