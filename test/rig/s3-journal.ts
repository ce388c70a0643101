import { createHash } from 'node:crypto'
import type { S3Call, S3Object, S3Upload } from './s3-protocol.ts'

/** What an object was at a moment. */
export interface Version {
  /** Of its bytes, in lower-case hexadecimal. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

/** One change of what the server holds. */
export interface Mutation {
  readonly op: string
  readonly key: string
  /** The request's; 0 for what was done by hand. */
  readonly number: number
  readonly client: string
  readonly connection: number
  /** The upload in parts that began, grew or ended, where it was one that changed and not an object. */
  readonly upload?: string
  readonly before: Version | undefined
  readonly after: Version | undefined
}

/** Who is changing something. */
export type Author = Pick<S3Call, 'op' | 'number' | 'client' | 'connection'>

/** What the server holds, and every change of it. */
export interface Journal {
  readonly objects: Map<string, S3Object>
  readonly uploads: Map<string, S3Upload>
  readonly mutations: readonly Mutation[]
  /** What an object was before its last change. */
  previous(key: string): S3Object | undefined
  /** Runs what may change something, without an await, and writes down what changed. Outside of it nothing is. */
  during<T>(author: Author, run: () => T): T
}

export function createJournal(): Journal {
  const mutations: Mutation[] = []
  const earlier = new Map<string, S3Object | undefined>()
  let author: Author | undefined
  const note = (what: Pick<Mutation, 'key' | 'upload' | 'before' | 'after'>): void => {
    if (author === undefined) return
    const { op, number, client, connection } = author
    mutations.push({ op, number, client, connection, ...what })
  }
  return {
    mutations,
    objects: new WatchedMap<S3Object>((key, before, after) => {
      if (before === undefined && after === undefined) return
      earlier.set(key, before)
      note({ key, before: versionOf(before), after: versionOf(after) })
    }),
    uploads: new WatchedMap<S3Upload>((upload, before, after) => {
      const key = (after ?? before)?.key
      if (key !== undefined) note({ key, upload, before: undefined, after: undefined })
    }),
    previous: (key) => earlier.get(key),
    during(by, run) {
      author = by
      try {
        return run()
      } finally {
        author = undefined
      }
    },
  }
}

class WatchedMap<V> extends Map<string, V> {
  readonly #changed: (key: string, before: V | undefined, after: V | undefined) => void

  constructor(changed: (key: string, before: V | undefined, after: V | undefined) => void) {
    super()
    this.#changed = changed
  }

  override set(key: string, value: V): this {
    const before = this.get(key)
    super.set(key, value)
    this.#changed(key, before, value)
    return this
  }

  override delete(key: string): boolean {
    const before = this.get(key)
    const isThere = super.delete(key)
    this.#changed(key, before, undefined)
    return isThere
  }
}

function versionOf(object: S3Object | undefined): Version | undefined {
  if (object === undefined) return undefined
  const { bytes, etag, headers } = object
  return { sha256: sha256Of(bytes), size: bytes.byteLength, etag, headers }
}

/** The same bytes come back as the `before` of the next change, and in copies. */
const digests = new WeakMap<Uint8Array, string>()

function sha256Of(bytes: Uint8Array): string {
  const known = digests.get(bytes)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(bytes).digest('hex')
  digests.set(bytes, digest)
  return digest
}
