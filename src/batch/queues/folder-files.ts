import { randomBytes } from 'node:crypto'
import { readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile, folderError, makeFolder, readText, removeFile } from '../../store/folder/files.ts'
import { syncFolder } from '../../store/folder/sync.ts'
import { codeOf, isAbsent } from '../../words/system-error.ts'
import type { Outgoing } from '../queue.ts'
import { entryOf, isVisible, nameOf, type QueueEntry } from './folder-names.ts'

/** How long a half-written message lies before it counts as left behind by a dead process, in milliseconds. */
const LEFT_OVER_MS = 24 * 3600_000

const messages = (root: string): string => join(root, 'messages')
const temporary = (root: string): string => join(root, 'tmp')

/** A random token, unique across processes. */
export const newToken = (): string => randomBytes(10).toString('hex')

/** The part of a message that is not in its file name. */
export type Content = Pick<Outgoing, 'body' | 'group' | 'attributes'>

/** Makes the queue's folders, where they are not there yet. */
export async function makeQueue(root: string): Promise<void> {
  await guarded(root, async () => {
    await makeFolder(root, 'messages')
    await makeFolder(root, 'tmp')
  })
}

/** All messages, in no order. */
export async function entriesOf(root: string): Promise<QueueEntry[]> {
  return (await namesIn(root)).flatMap((name) => entryOf(name) ?? [])
}

/** The first visible messages; the one that became visible first comes last. */
export async function visibleOf(root: string, now: number, most: number): Promise<QueueEntry[]> {
  const names = (await namesIn(root)).filter((name) => isVisible(name, now))
  return names
    .sort()
    .slice(0, most)
    .reverse()
    .flatMap((name) => entryOf(name) ?? [])
}

const namesIn = (root: string): Promise<string[]> => guarded(root, () => readdir(messages(root)).catch(nothingIfAbsent))

/** Writes a message to a temporary file; it is not sent yet. @returns its path, for {@link publish} */
export async function write(root: string, { body, group, attributes }: Content): Promise<string> {
  return guarded(root, async () => {
    const path = join(temporary(root), newToken())
    const text = JSON.stringify({ v: 1, body, group, attributes })
    await createFile(path, (handle) => handle.writeFile(text))
    return path
  })
}

/** A written message's path, and the state it will have. */
export type Written = readonly [path: string, entry: QueueEntry]

/** Sends what was written: renames are atomic, and a sync makes them survive a power cut. */
export async function publish(root: string, written: readonly Written[]): Promise<void> {
  await guarded(root, async () => {
    for (const [path, entry] of written) await rename(path, join(messages(root), nameOf(entry)))
    await syncFolder(messages(root))
  })
}

/** Changes a message's state by an atomic rename; `false` when another process was first. */
export async function turn(root: string, from: QueueEntry, to: QueueEntry, into: string = root): Promise<boolean> {
  return guarded(root, async () => {
    try {
      await rename(join(messages(root), nameOf(from)), join(messages(into), nameOf(to)))
      return true
    } catch (error) {
      if (isAbsent(error)) return false
      throw error
    }
  })
}

/** `false` when the message no longer has this state. */
export async function remove(root: string, entry: QueueEntry): Promise<boolean> {
  return guarded(root, async () => {
    try {
      await unlink(join(messages(root), nameOf(entry)))
      return true
    } catch (error) {
      if (isAbsent(error)) return false
      throw error
    }
  })
}

/** `undefined` when the message is gone. A file of any other format is a message with its text as body. */
export async function read(root: string, entry: QueueEntry): Promise<Content | undefined> {
  const found = await guarded(root, () => readText(join(messages(root), nameOf(entry))))
  return found && contentOf(found.text)
}

function contentOf(text: string): Content {
  try {
    const { body, group, attributes } = JSON.parse(text)
    if (typeof body === 'string' && isGroup(group) && isAttributes(attributes)) return { body, group, attributes }
  } catch {
    // Not JSON: handled below.
  }
  return { body: text }
}

const isGroup = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'

function isAttributes(value: unknown): value is Record<string, string> | undefined {
  if (value === undefined) return true
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
}

/** Removes temporary files of writers that died. */
export async function sweep(root: string, now: number): Promise<void> {
  await guarded(root, async () => {
    for (const name of await readdir(temporary(root)).catch(nothingIfAbsent)) {
      const path = join(temporary(root), name)
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))
      if (now - mtimeMs > LEFT_OVER_MS) await removeFile(path)
    }
  })
}

/** Removes a queue with all its messages; files that are not the queue's stay. */
export async function dropFolderQueue(root: string): Promise<void> {
  await guarded(root, async () => {
    for (const name of await namesIn(root)) if (entryOf(name)) await removeFile(join(messages(root), name))
    for (const name of await readdir(temporary(root)).catch(nothingIfAbsent))
      await removeFile(join(temporary(root), name))
    for (const folder of [messages(root), temporary(root), root]) await rmdir(folder).catch(leftIfUsed)
  })
}

function leftIfUsed(error: unknown): void {
  const code = codeOf(error)
  if (!isAbsent(error) && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
}

function nothingIfAbsent(error: unknown): string[] {
  if (isAbsent(error)) return []
  throw error
}

async function guarded<T>(root: string, deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    throw folderError(error, root)
  }
}
