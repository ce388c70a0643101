import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lookup } from 'mime-types'
import type { Fetch, Served } from './crawler.ts'

/** An object as far as a visitor sees it. */
export interface Visible {
  readonly bytes: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A CDN or web server over stored objects: `url` is where the objects below `prefix` are. A reached key is the whole
 * key.
 */
export function fetchStored(url: string, prefix: string, objects: ReadonlyMap<string, Visible>): Fetch {
  return below(url, (path) => {
    const key = prefix + path
    const object = objects.get(key)
    return object && { status: 200, headers: object.headers, bytes: object.bytes, key }
  })
}

/** A web server over a folder. A reached key is the path below it. */
export function fetchWritten(url: string, folder: string): Fetch {
  return below(url, (path) => {
    const bytes = readIfThere(join(folder, path))
    const type = lookup(path) || 'application/octet-stream'
    return bytes && { status: 200, headers: { 'content-type': type }, bytes, key: path }
  })
}

/** The first that knows the address answers. */
export function firstOf(...sources: readonly Fetch[]): Fetch {
  return (url) => {
    for (const fetch of sources) {
      const served = fetch(url)
      if (served) return served
    }
    return undefined
  }
}

const MISSING: Served = { status: 404, headers: {}, bytes: new Uint8Array() }

function below(url: string, find: (path: string) => Served | undefined): Fetch {
  return (asked) => {
    const { origin, pathname } = new URL(asked)
    if (!(origin + pathname).startsWith(url)) return undefined
    const path = decoded((origin + pathname).slice(url.length))
    if (path === undefined) return MISSING
    return find(path === '' || path.endsWith('/') ? `${path}index.html` : path) ?? MISSING
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
