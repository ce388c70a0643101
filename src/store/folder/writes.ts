import { link, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LadingError, printable } from '../../words/errors.ts'
import type { Body, HeaderSet, Key } from '../../words/model.ts'
import { isAbsent } from '../../words/system-error.ts'
import { throwIfAborted } from '../abort.ts'
import { PIECE_BYTES, piecesOf } from '../body-reader.ts'
import { lend } from '../buffer-pool.ts'
import { conditionHolds } from '../condition.ts'
import type { CopyOptions, WriteCondition, WriteResult } from '../store.ts'
import { createFile, isPresent, makeFolder, removeFile, sizeOf } from './files.ts'
import { lostLock } from './lock.ts'
import type { Meta } from './meta.ts'
import { fileOfKey } from './names.ts'
import {
  folderOf,
  locked,
  lostBytes,
  metaOf,
  metaPath,
  newObjectFile,
  objectPath,
  type Place,
  temporaryPath,
} from './place.ts'
import { syncFolder } from './sync.ts'

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

interface Put {
  readonly key: Key
  readonly body: Body
  readonly headers: HeaderSet
  readonly condition: WriteCondition | undefined
}

/** See `Store.put`. */
export async function put(place: Place, { key, body, headers, condition }: Put): Promise<WriteResult> {
  // Checked again when publishing; this early check saves writing a body for nothing.
  if (!conditionHolds(condition, (await metaOf(place, key))?.etag)) return PRECONDITION_FAILED
  const file = await newObjectFile(place, key)
  const loan = lend(Math.min(body.size, PIECE_BYTES))
  await createFile(objectPath(place, file), async (handle) => {
    const options = { into: loan.bytes, signal: condition?.signal }
    for await (const piece of piecesOf(key, body, options)) await handle.writeFile(piece)
  })
  loan.giveBack()
  const { size, sha256 } = body
  return publish(place, { v: 1, key, size, sha256, etag: sha256.slice(0, 32), headers, body: file }, condition)
}

/** See `Store.copy`. */
export async function copy(
  place: Place,
  { from, to }: { readonly from: Key; readonly to: Key },
  options: CopyOptions = {},
): Promise<WriteResult> {
  let missing: string | undefined
  for (;;) {
    const source = await metaOf(place, from)
    if (options.source !== undefined && source?.etag !== options.source) return PRECONDITION_FAILED
    if (!source) throw new LadingError('E_STORE', `there is no "${printable(from)}" to copy`, { subject: from })
    const file = await newObjectFile(place, to)
    try {
      // A second name for the same bytes: they never change, so sharing them is safe.
      await link(objectPath(place, source.body), objectPath(place, file))
    } catch (error) {
      if (!isAbsent(error)) throw error
      if (missing === source.body) throw lostBytes(from)
      missing = source.body
      continue
    }
    return publish(place, { ...source, key: to, body: file, headers: options.headers ?? source.headers }, options)
  }
}

/** Makes a written body the object's, when the condition holds; removes it otherwise. */
async function publish(place: Place, meta: Meta, condition: WriteCondition | undefined): Promise<WriteResult> {
  let result: WriteResult = PRECONDITION_FAILED
  try {
    await syncFolder(dirname(objectPath(place, meta.body)))
    await assertNotSwept(place, meta)
    result = await createOrReplace(place, meta, condition)
    return result
  } finally {
    if (result.status !== 'stored') await removeFile(objectPath(place, meta.body))
  }
}

async function createOrReplace(place: Place, meta: Meta, condition: WriteCondition | undefined): Promise<WriteResult> {
  for (;;) {
    throwIfAborted(condition?.signal)
    if (typeof condition?.when !== 'object' && (await create(place, meta, condition)))
      return { status: 'stored', etag: meta.etag }
    if (condition?.when === 'absent') return PRECONDITION_FAILED
    const result = await replace(place, meta.key, condition, async () => meta)
    // Without a condition, an object that was there a moment ago and is not now is simply created.
    if (result.status === 'stored' || condition?.when !== undefined) return result
  }
}

/** Whether the object was created; `false` when there is one. */
async function create(place: Place, meta: Meta, condition: WriteCondition | undefined): Promise<boolean> {
  const path = metaPath(place, meta.key)
  await makeFolder(place.root, folderOf(`meta/${fileOfKey(meta.key)}`))
  const temporary = await writeTemporary(place, meta)
  try {
    condition?.guard?.()
    await link(temporary, path)
  } catch (error) {
    if (isPresent(error)) return false
    throw error
  } finally {
    await removeFile(temporary)
  }
  await syncFolder(dirname(path))
  return true
}

/** Replaces what is there, under its lock, by what `next` makes of it; precondition-failed when there is nothing. */
export async function replace(
  place: Place,
  key: Key,
  condition: WriteCondition | undefined,
  next: (current: Meta) => Promise<Meta>,
): Promise<WriteResult> {
  if (!(await metaOf(place, key))) return PRECONDITION_FAILED
  return locked(place, { key, signal: condition?.signal }, async (stillHeld) => {
    const current = await metaOf(place, key)
    if (!(current && conditionHolds(condition, current.etag))) return PRECONDITION_FAILED
    const meta = await next(current)
    const temporary = await writeTemporary(place, meta)
    try {
      if (!(await stillHeld())) throw lostLock()
      condition?.guard?.()
    } catch (error) {
      await removeFile(temporary)
      throw error
    }
    await rename(temporary, metaPath(place, key))
    await syncFolder(dirname(metaPath(place, key)))
    if (current.body !== meta.body) await removeFile(objectPath(place, current.body))
    return { status: 'stored', etag: meta.etag }
  })
}

/** A writer that was suspended for longer than `leftoverMs` must not publish bytes that were swept. */
async function assertNotSwept(place: Place, { key, body }: Meta): Promise<void> {
  if ((await sizeOf(objectPath(place, body))) !== undefined) return
  throw new LadingError('E_STORE', `the bytes of "${printable(key)}" were swept away before they were published`, {
    subject: printable(key),
    why: 'this process slept for more than a day',
    retryable: true,
  })
}

async function writeTemporary(place: Place, meta: Meta): Promise<string> {
  const path = await temporaryPath(place)
  await createFile(path, async (handle) => handle.writeFile(JSON.stringify(meta)))
  return path
}
