import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs'
import { isOriginConfig, neverFolderRule } from '../../rewrite/keep.ts'
import { turns } from '../turn.ts'
import { OWN_FOLDER } from './own-folder.ts'
import { NUMBERS, type SeenFolder, type SeenFolders } from './seen-folder.ts'

/** What the disk says of a whole site without reading a file: equal stamps, equal files. */
export interface TreeStamp {
  /** SHA-256 over names, identities, sizes and times. */
  readonly digest: string
  /** The latest change of any file or folder, in milliseconds since 1970 by the file system's clock. */
  readonly newestMs: number
  /** Everything that was listed, for a walk right after this. */
  readonly seen: SeenFolders
}

/**
 * Stamps everything that a scan of `root` would look at, at a fifth of its cost. Times are compared to a quarter of a
 * microsecond, which is what a double holds of them, and finer than file systems stamp.
 *
 * @returns `undefined` where stamps are not enough: for links, devices and what cannot be read
 * @throws what `signal` was aborted with
 */
export async function stampTree(root: string, signal?: AbortSignal): Promise<TreeStamp | undefined> {
  const turn = turns(signal)
  const stamp = startStamp()
  try {
    const folders: string[] = [realpathSync(root)]
    const top = `${folders[0]}/`
    // grows while it is walked
    for (const folder of folders) {
      await turn()
      for (const entry of stamp.add(folder)) {
        const path = entry.slice(top.length)
        if (neverFolderRule(path) === undefined || path === OWN_FOLDER || isOriginConfig(path)) folders.push(entry)
      }
    }
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
  return stamp.end()
}

interface Stamp {
  /** @returns the folders in it, absolute. @throws at what no stamp tells all of */
  add(folder: string): string[]
  end(): TreeStamp
}

function startStamp(): Stamp {
  const digest = createHash('sha256')
  const seen = new Map<string, SeenFolder>()
  let newestMs = 0

  /** Keeps only the numbers: a hundred thousand `Stats` objects would cost as much as the calls. */
  const note = (stat: Stats, numbers: Float64Array, at: number): void => {
    numbers[at] = stat.dev
    numbers[at + 1] = stat.ino
    numbers[at + 2] = stat.isFile() ? stat.size : -1
    numbers[at + 3] = stat.mtimeMs
    numbers[at + 4] = stat.ctimeMs
    newestMs = Math.max(newestMs, stat.mtimeMs, stat.ctimeMs)
  }
  return {
    add(folder) {
      // the folder itself first: entries added or removed during the walk change its times, so the next stamp differs
      const own = lstatSync(folder)
      const names = readdirSync(folder)
      const numbers = new Float64Array(NUMBERS * (names.length + 1))
      note(own, numbers, 0)
      const folders: string[] = []
      let at = 0
      for (const name of names) {
        const path = `${folder}/${name}`
        const stat = lstatSync(path)
        if (stat.isDirectory()) folders.push(path)
        else if (!stat.isFile()) throw new Error(`no stamp tells all of ${name}`)
        at += NUMBERS
        note(stat, numbers, at)
      }
      // no name contains a NUL or a slash, so different names never give the same text
      digest.update(`${folder}//${names.join('\0')}//`)
      digest.update(numbers)
      seen.set(folder, { names, numbers })
      return folders
    },
    end: () => ({ digest: digest.digest('hex'), newestMs, seen }),
  }
}
