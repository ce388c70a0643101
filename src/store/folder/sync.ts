import { constants, fsync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'

const flush = promisify(fsync)

/** The syncs of one folder. */
interface Turn {
  /** The sync that runs. */
  readonly running: Promise<void>
  /** The one after it, shared by all who came since that one began. */
  next?: Promise<void>
}

/** By the descriptor: under Yarn Plug'n'Play, handles have no sync() of their own. */
export const syncFile = ({ fd }: FileHandle): Promise<void> => flush(fd)

/** Makes new and removed names in a folder durable. Windows cannot open folders, and does without. */
export const syncFolder: (path: string) => Promise<void> = inTurns(async (path) => {
  if (process.platform === 'win32') return
  const handle = await open(path, constants.O_RDONLY)
  try {
    await syncFile(handle)
  } finally {
    await handle.close()
  }
})

/**
 * Lets concurrent callers share the sync of a folder. One that is running may have begun before the caller's name was
 * there, so all who come meanwhile wait for the next one, together: the variants of an image are written to one folder
 * at the same time, and syncs are most of what a write costs.
 */
export function inTurns(sync: (path: string) => Promise<void>): (path: string) => Promise<void> {
  const turns = new Map<string, Turn>()
  const begin = (path: string): Promise<void> => {
    const turn: Turn = { running: sync(path) }
    turns.set(path, turn)
    const leave = (): void => {
      if (turn.next === undefined) turns.delete(path)
    }
    turn.running.then(leave, leave)
    return turn.running
  }
  // A sync that fails rejects only for those who waited for it.
  const follow = async (path: string, { running }: Turn): Promise<void> => {
    await running.catch(() => undefined)
    return begin(path)
  }
  return (path) => {
    const turn = turns.get(path)
    if (!turn) return begin(path)
    turn.next ??= follow(path, turn)
    return turn.next
  }
}
