import { encodePath } from '../rewrite/url.ts'
import type { SitePath } from '../words/model.ts'
import type { EdgeRequest } from './edge.ts'

/** What looks like a file's name: an extension with a letter in it, so that `v1.2` is a folder. */
const EXTENSION = /\.[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*$/

/**
 * Files and folders that an edge would take for each other, as URL paths.
 * @param mount path at which visitors see the root; starts and ends with `/`, percent-encoded
 */
export function unusualNames(paths: readonly SitePath[], mount: string): Pick<EdgeRequest, 'files' | 'folders'> {
  const address = (path: SitePath): string => mount + encodePath(path)
  const files = paths.filter((path) => !EXTENSION.test(nameOf(path)) && !path.startsWith('.well-known/'))
  const folders = paths
    .filter((path) => path.endsWith('/index.html'))
    .map((path) => path.slice(0, -'/index.html'.length))
    .filter((folder) => EXTENSION.test(nameOf(folder)))
  return { files: files.map(address), folders: folders.map(address) }
}

const nameOf = (path: SitePath): string => path.slice(path.lastIndexOf('/') + 1)
