import type { Key, SitePath } from '../words/model.ts'

/** How the paths of requests lead to files. */
export interface Served {
  /** Path of the site on its host; starts and ends with `/`. */
  readonly base: string
  /** Path of the store on its host; starts and ends with `/`. @default none: no file has another address than its own */
  readonly mount?: string | undefined
  has(path: SitePath): boolean
  /** The file that the object at a key was made from, now or by an earlier release. */
  fileOfKey(key: Key): SitePath | undefined
}

/** The file of the site that a request asked for, by its name in a log; undefined where that is none. */
export function fileOfRequest(name: string, { has, fileOfKey, ...served }: Served): SitePath | undefined {
  const path = decoded(name)
  const [base, mount] = [decoded(served.base), served.mount === undefined ? undefined : decoded(served.mount)]
  if (mount !== undefined && path.startsWith(mount)) {
    const found = fileOfKey(path.slice(mount.length))
    if (found !== undefined && has(found)) return found
  }
  if (!path.startsWith(base)) return undefined
  const own = path.slice(base.length)
  const names = own === '' || own.endsWith('/') ? [`${own}index.html`] : [own, `${own}.html`, `${own}/index.html`]
  return names.find(has)
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name).normalize('NFC')
  } catch {
    return name
  }
}
