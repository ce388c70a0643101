import { createHash } from 'node:crypto'
import type { ImagesOptions } from '../config/images.ts'
import { createAdmission } from '../images/admission.ts'
import { type FoundImage, type FoundImages, findInFolder, findInStore } from '../images/find.ts'
import { imageManifestFile } from '../images/manifest-file.ts'
import { IMAGES_NAME, imageManifestBytes } from '../images/plan/manifest.ts'
import { type FailureReceipt, parseReceipt, type Receipt, receiptBytes } from '../images/plan/receipt.ts'
import { receiptKeyOf, recipeId } from '../images/plan/recipe.ts'
import { createRenderPool, type RenderPool } from '../images/pool.ts'
import { renderSource, type SourceImage } from '../images/render-source.ts'
import { type ImageTally, tally } from '../images/tally.ts'
import type { Run } from '../line/run.ts'
import { openStore } from '../providers.ts'
import type { Store } from '../store/store.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { IMAGE_MANIFEST_HEADERS } from '../transfer/image-manifest.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Digest } from '../words/model.ts'

/** What a run of `images` came to. The JSON form is a contract: fields are added, never renamed. */
export interface ImagesResult extends ImageTally {
  readonly ok: boolean
  /** 6 when some images failed; the others are done all the same. */
  readonly exit: number
  /** See `recipeId`. */
  readonly recipe: string
  readonly failures: readonly { readonly path: string; readonly code: string; readonly message: string }[]
  /** Images of kinds that are not rendered. */
  readonly left: readonly string[]
  readonly ms: number
}

/** Images that are read and put beside those that are rendered, for each child: no child waits for the network. */
const AHEAD = 3

/**
 * find -> receipt, or render and put -> receipt -> manifest. Everything is put-if-absent and named by its source's
 * digest, so a run interrupted anywhere can simply be repeated: what is there is not rendered again. The manifest comes
 * last.
 * @throws E_MISSING_PACKAGE, E_ROOT_EMPTY, E_OUT, E_WRITE, and what the stores throw; an image's failure is part of the result
 */
export async function renderImages(options: ImagesOptions, run: Run = {}): Promise<ImagesResult> {
  const started = performance.now()
  const { signal, emit = () => undefined } = run
  const file = options.manifest === undefined ? undefined : await imageManifestFile(options.manifest)
  const open = run.openStore ?? openStore
  const storeOptions = { ...options, env: run.env, onRetry: emit }
  const store = await open(options.target, storeOptions)
  const { source } = options
  const found =
    source.kind === 'folder'
      ? findInFolder({ ...source, command: 'lading images', signal })
      : await findInStore(await open(source.target, storeOptions), signal)
  const pool = createRenderPool({ limits: options.limits, signal, child: options.child })
  const work: Work = { options, store, pool, admission: createAdmission(), emit, signal, ...EMPTY() }
  try {
    for (const each of found.missed) setUnread(work, each)
    await workAll(work, found.images)
  } finally {
    await pool.close()
  }
  const bytes = imageManifestBytes({ recipe: recipeId(options.recipe), ...work })
  await putManifest(bytes, work, options.state && (await open(options.state, storeOptions)))
  await file?.write(bytes)
  const failures = [...work.failures].map(([path, { code, message }]) => ({ path, code, message }))
  const exit = failures.length > 0 ? EXIT.incomplete : EXIT.ok
  const counts = tally({ ...work, images: work.images.values(), failures: work.failures.values() })
  const { left } = found
  const ms = Math.round(performance.now() - started)
  return { ok: exit === EXIT.ok, exit, recipe: recipeId(options.recipe), ...counts, failures, left, ms }
}

interface Outcome {
  readonly receipt: Receipt | FailureReceipt
  /** Whether it was rendered for this image. */
  readonly isNew: boolean
}

interface Work {
  readonly options: ImagesOptions
  readonly store: Store
  readonly pool: RenderPool
  readonly admission: ReturnType<typeof createAdmission>
  readonly emit: Emit
  readonly signal: AbortSignal | undefined
  readonly images: Map<string, Receipt>
  readonly failures: Map<string, FailureReceipt>
  /** One render for all files of the same bytes. */
  readonly bySource: Map<Digest, Promise<Outcome>>
  rendered: number
  put: number
  putBytes: number
}

const EMPTY = () => ({
  images: new Map<string, Receipt>(),
  failures: new Map<string, FailureReceipt>(),
  bySource: new Map<Digest, Promise<Outcome>>(),
  rendered: 0,
  put: 0,
  putBytes: 0,
})

async function workAll(work: Work, images: readonly FoundImage[]): Promise<void> {
  const { pool, emit, signal } = work
  const total = images.reduce((sum, { size }) => sum + size, 0)
  let [files, bytes] = [0, 0]
  const bounds = { concurrency: pool.size * AHEAD, weigh: ({ size }: FoundImage) => size, signal }
  await forEachBounded(images, bounds, async (image) => {
    const { receipt, isNew } = await receiptOf(work, image)
    const { path, key } = image
    // equal bytes under another path have the same receipt
    const src = { ...receipt.src, path, ...(key !== undefined && { key }) }
    if ('variants' in receipt) work.images.set(path, { ...receipt, src })
    else work.failures.set(path, { ...receipt, src })
    emit(eventOf(path, receipt, isNew))
    files += 1
    bytes += image.size
    emit({ type: 'progress', files: { done: files, total: images.length }, bytes: { done: bytes, total }, retries: 0 })
  })
}

function eventOf(path: string, receipt: Receipt | FailureReceipt, isNew: boolean): Parameters<Emit>[0] {
  const { bytes } = receipt.src
  if (!('variants' in receipt)) {
    const { code, message } = receipt
    return { type: 'image', path, result: 'failed', bytes, variants: 0, code, message }
  }
  return { type: 'image', path, result: isNew ? 'rendered' : 'known', bytes, variants: receipt.variants.length }
}

async function receiptOf(work: Work, image: FoundImage): Promise<Outcome> {
  const { pool, bySource } = work
  if (image.size > pool.limits.bytes) {
    const message = `it has ${image.size} bytes, more than the limit of ${pool.limits.bytes}`
    return unread(work, image, { code: 'E_IMAGE_BYTES', message })
  }
  let bytes: Uint8Array
  try {
    bytes = await image.read()
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_UNREADABLE') return unread(work, image, error)
    throw error
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const known = bySource.get(sha256)
  if (known !== undefined) return { ...(await known), isNew: false }
  const made = stored(work, { bytes, sha256 })
  bySource.set(sha256, made)
  return made
}

/** Placeholder digest of a file that was not read. */
const UNREAD: Digest = '0'.repeat(64)

/** It has no bytes: they could not be read, or are more than there may be memory for. */
function unread(
  { options }: Work,
  { path, size }: Pick<FoundImage, 'path' | 'size'>,
  { code, message }: Pick<FailureReceipt, 'code' | 'message'>,
): Outcome {
  const src = { path, sha256: UNREAD, bytes: size, width: 0, height: 0, type: '' }
  const recipe = recipeId(options.recipe)
  return { receipt: { v: 1, src, recipe, code, message, attempts: 0 }, isNew: false }
}

function setUnread(work: Work, { path, reason }: FoundImages['missed'][number]): void {
  const { receipt } = unread(work, { path, size: 0 }, { code: 'E_UNREADABLE', message: reason })
  if ('code' in receipt) work.failures.set(path, receipt)
  work.emit(eventOf(path, receipt, false))
}

/** The receipt comes after everything that it names; a store that has it has the variants. */
async function stored(work: Work, source: SourceImage): Promise<Outcome> {
  const { options, store, pool, admission, signal } = work
  const { recipe } = options
  const key = receiptKeyOf(source.sha256, recipeId(recipe))
  const there = await store.get(key, { signal })
  const known = there && parseReceipt(there.bytes)
  if (known?.src.sha256 === source.sha256 && known.recipe === recipeId(recipe)) return { receipt: known, isNew: false }
  const { receipt, ok, put, putBytes } = await renderSource(source, { pool, store, recipe, admission, signal })
  work.put += put
  work.putBytes += putBytes
  if (!ok) return { receipt, isNew: false }
  work.rendered += 1
  // a damaged receipt is replaced; otherwise the first writer wins
  const when = there === undefined ? 'absent' : { etag: there.etag }
  await store.put(key, bytesBody(receiptBytes(receipt)), IMAGE_MANIFEST_HEADERS, { when, signal })
  return { receipt, isNew: true }
}

/** Written last, and only when its content has changed. */
async function putManifest(bytes: Uint8Array, { store, signal }: Work, state: Store | undefined): Promise<void> {
  const place = state ?? store
  const key = `${state === undefined ? STATE_FOLDER : ''}${IMAGES_NAME}`
  const there = await place.get(key, { signal })
  if (there !== undefined && Buffer.from(there.bytes).equals(bytes)) return
  await place.put(key, bytesBody(bytes), IMAGE_MANIFEST_HEADERS, { signal })
}
