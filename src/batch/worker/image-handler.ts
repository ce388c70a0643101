import { createHash } from 'node:crypto'
import { type FailureReceipt, type Receipt, receiptBytes } from '../../images/plan/receipt.ts'
import { type Recipe, recipeId } from '../../images/plan/recipe.ts'
import { parseJson } from '../../plan/state-file.ts'
import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { type ErrorCode, LadingError } from '../../words/errors.ts'
import { doneReceiptKey, recipeKey } from '../plan/keys.ts'
import type { ImageJob } from '../plan/messages.ts'
import type { Handler, Outcome } from './handler.ts'

/** An original, whole and verified. */
export interface Original {
  readonly key: string
  readonly sha256: string
  readonly bytes: Uint8Array
}

export interface ImageHandlerOptions {
  readonly store: Store
  /**
   * Renders all variants of an original and puts the missing ones; see `renderSource`. A crash is not retried there:
   * crashes are counted over all workers. It kills its child when the signal fires.
   */
  readonly render: (
    original: Original,
    options: { readonly recipe: Recipe; readonly signal: AbortSignal },
  ) => Promise<{ readonly receipt: Receipt | FailureReceipt }>
  /** Larger originals are not even fetched, in bytes. @default 50_000_000 */
  readonly maxBytes?: number | undefined
}

/** Does an image's job: the original, which is verified before anybody decodes it, then variants, then the receipt. */
export function createImageHandler(options: ImageHandlerOptions): Handler {
  const { store, render } = options
  const recipes = new Map<string, Recipe>()
  const recipeOf = async (id: string): Promise<Recipe | undefined> => {
    const recipe = recipes.get(id) ?? (await readRecipe(store, id))
    if (recipe) recipes.set(id, recipe)
    return recipe
  }
  return {
    async handle(job, { signal }) {
      const receiptKey = doneReceiptKey(job.batch, job.item)
      // A duplicate costs one request and no decoding.
      if ((await store.head(receiptKey, { signal })) !== undefined) return { status: 'done' }
      const recipe = await recipeOf(job.recipe)
      if (!recipe) return failed('E_JOB_FORBIDDEN', `the store has no recipe ${job.recipe} of that content`)
      const original = await fetchOriginal(job, options, signal)
      if ('status' in original) return original
      const { receipt } = await render(original, { recipe, signal })
      if ('code' in receipt) return outcomeOf(receipt)
      const json = { 'content-type': 'application/json' }
      await store.put(receiptKey, bytesBody(receiptBytes(receipt)), json, { when: 'absent', signal })
      return { status: 'done' }
    },
  }
}

/** A recipe's id is the digest of its content, and the id is signed. */
async function readRecipe(store: Store, id: string): Promise<Recipe | undefined> {
  const found = await store.get(recipeKey(id))
  const value = found && parseJson(found.bytes)
  if (typeof value !== 'object' || value === null) return undefined
  // The cast is safe: `isNamed` checks the digest of its canonical form.
  const recipe = value as Recipe
  return isNamed(recipe, id) ? recipe : undefined
}

function isNamed(recipe: Recipe, id: string): boolean {
  try {
    return recipeId(recipe) === id
  } catch {
    return false
  }
}

/** Only what was signed is decoded: size and digest have to match. Reads at most one byte more than that size. */
async function fetchOriginal(
  { src }: ImageJob,
  { store, maxBytes = 50_000_000 }: ImageHandlerOptions,
  signal: AbortSignal,
): Promise<Original | Outcome> {
  if (src.bytes > maxBytes) return failed('E_IMAGE_BYTES', `it has ${src.bytes} bytes, of ${maxBytes}`)
  if (src.bytes === 0) return failed('E_IMAGE_CORRUPT', 'it is empty')
  const found = await store.get(src.key, { range: { start: 0, end: src.bytes + 1 }, signal }).catch(lost)
  if (found instanceof LadingError) return failed('E_INTEGRITY', found.message)
  if (!found) return failed('E_UNREADABLE', 'the original is gone')
  const isRight = found.bytes.byteLength === src.bytes && digestOf(found.bytes) === src.sha256
  if (!isRight) return failed('E_INTEGRITY', 'the original has other bytes than when it was submitted')
  return { key: src.key, sha256: src.sha256, bytes: found.bytes }
}

/** Bytes that the store has lost are not there at the next try either, and are no crash of the image. */
function lost(error: unknown): LadingError {
  if (error instanceof LadingError && error.code === 'E_INTEGRITY' && !error.retryable) return error
  throw error
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const failed = (code: ErrorCode, reason: string): Outcome => ({ status: 'failed', code, reason })

/** Only a crash may have another cause than the image. */
function outcomeOf({ code, message }: FailureReceipt): Outcome {
  return code === 'E_IMAGE_CRASHED' ? { status: 'crashed', reason: message } : failed(code, message)
}
