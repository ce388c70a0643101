import type { Store } from '../store/store.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import type { Digest } from '../words/model.ts'
import type { Admission } from './admission.ts'
import { predictCoreSeconds } from './plan/core-seconds.ts'
import { secondsFor } from './plan/limits.ts'
import { planWidths } from './plan/plan.ts'
import type { FailureReceipt, Receipt, ReceiptSource, Variant } from './plan/receipt.ts'
import { operationsFor, type Recipe, recipeId, variantKeyOf, withEffort } from './plan/recipe.ts'
import type { RenderPool } from './pool.ts'
import { variantHeaders } from './variant-headers.ts'
import type { Answer, Existing, ImageFacts, Rendered, RenderedVariant } from './wire.ts'

/** One image to render, in memory. */
export interface SourceImage extends Pick<ReceiptSource, 'key' | 'path'> {
  readonly bytes: Uint8Array
  readonly sha256: Digest
}

export interface RenderSourceOptions {
  readonly pool: RenderPool
  /** Where variants go, and are looked for before they are encoded. */
  readonly store: Store
  readonly recipe: Recipe
  /** Keeps what is decoded at once within memory. @default unlimited */
  readonly admission?: Admission | undefined
  /** Whether a crash is retried once. @default true */
  readonly retriesCrash?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The result of one source, and what was written for it. */
export interface SourceResult {
  readonly receipt: Receipt | FailureReceipt
  readonly ok: boolean
  /** Variants that were encoded and put by this call, and their bytes. */
  readonly put: number
  readonly putBytes: number
}

/** The highest encoder effort of a second attempt. */
const CALM_EFFORT = 1

/**
 * Renders one source and puts what the store does not have yet. Reads no receipt and writes none: `lading images` and
 * batches keep them in different places. An image's failure is a result; only failures of the store reject.
 *
 * A render that times out is retried once with low encoder effort, whose variants have names of their own.
 */
export async function renderSource(source: SourceImage, options: RenderSourceOptions): Promise<SourceResult> {
  const { pool, recipe } = options
  const looked = await patient(options, () => pool.look({ bytes: source.bytes }, options.signal))
  if (!looked.answer.ok) return failure(source, options, { ...looked, facts: undefined })
  const facts = looked.answer.value
  const leave = await options.admission?.enter(facts.width * facts.height * facts.frames, options.signal)
  try {
    const first = await attempt(source, options, { recipe, facts })
    if (first.answer.ok) return await finish(source, options, { facts, rendered: first.answer.value })
    const calm = withEffort(recipe, CALM_EFFORT)
    const kept = new Set(operationsOf(calm, facts).map(({ op }) => op))
    const slow = operationsOf(recipe, facts).filter(({ op }) => !kept.has(op))
    if (first.answer.failure.code !== 'E_IMAGE_TIMEOUT' || slow.length === 0) {
      return failure(source, options, { ...first, facts })
    }
    const second = await attempt(source, options, { recipe: calm, facts })
    if (!second.answer.ok) return failure(source, options, { ...second, tries: first.tries + second.tries, facts })
    const dropped = slow.map(({ op }) => ({ op, reason: 'too-slow' as const }))
    const rendered = { ...second.answer.value, dropped: [...dropped, ...second.answer.value.dropped] }
    return await finish(source, options, { facts, rendered })
  } finally {
    leave?.()
  }
}

interface Tried<T> {
  readonly answer: Answer<T>
  readonly tries: number
}

/** Retries a crash once: it may have been the machine. */
async function patient<T>(
  { retriesCrash = true }: RenderSourceOptions,
  deed: () => Promise<Answer<T>>,
): Promise<Tried<T>> {
  const answer = await deed()
  if (answer.ok || answer.failure.code !== 'E_IMAGE_CRASHED' || !retriesCrash) return { answer, tries: 1 }
  return { answer: await deed(), tries: 2 }
}

async function attempt(
  { bytes, sha256 }: SourceImage,
  options: RenderSourceOptions,
  { recipe, facts }: { readonly recipe: Recipe; readonly facts: ImageFacts },
): Promise<Tried<Rendered>> {
  const { pool, store, signal } = options
  const existing = await findExisting(store, { recipe, facts, sha256, signal })
  const predicted = predictCoreSeconds({ bytes: bytes.length, ...facts }, operationsOf(recipe, facts)) * facts.frames
  const seconds = secondsFor(pool.limits, predicted)
  return patient(options, () => pool.render({ bytes, recipe, existing }, { seconds, signal }))
}

/** Whether an image with alpha has any transparency is known only after decoding: both kinds are included. */
function operationsOf(recipe: Recipe, { frames, hasAlpha }: ImageFacts): ReturnType<typeof operationsFor> {
  if (frames > 1) return operationsFor(recipe, 'animated')
  const opaque = operationsFor(recipe, 'opaque')
  if (!hasAlpha) return opaque
  const known = new Set(opaque.map(({ op }) => op))
  return [...opaque, ...operationsFor(recipe, 'transparent').filter(({ op }) => !known.has(op))]
}

interface Wanted {
  readonly recipe: Recipe
  readonly facts: ImageFacts
  readonly sha256: Digest
  readonly signal: AbortSignal | undefined
}

/** A request for each variant costs less than encoding one, and less than a listing. */
async function findExisting(store: Store, { recipe, facts, sha256, signal }: Wanted): Promise<readonly Existing[]> {
  const wanted = operationsOf(recipe, facts).flatMap((operation) =>
    planWidths(operation, facts.width).widths.map((width) => ({ operation, width })),
  )
  const found = await Promise.all(
    wanted.map(async ({ operation, width }) => {
      const object = await store.head(variantKeyOf(sha256, operation, width), { signal })
      return object && { op: operation.op, width, bytes: object.size }
    }),
  )
  return found.filter((one) => one !== undefined)
}

interface Done {
  readonly facts: ImageFacts
  readonly rendered: Rendered
}

async function finish(source: SourceImage, options: RenderSourceOptions, done: Done): Promise<SourceResult> {
  const { variants, dropped, thumbhash, colour, engine, cpuMs } = done.rendered
  const put = await Promise.all(variants.map((variant) => putVariant(source.sha256, options, variant)))
  const receipt: Receipt = {
    v: 1,
    src: sourceOf(source, done.facts),
    recipe: recipeId(options.recipe),
    variants: put.map(({ variant }) => variant),
    dropped,
    thumbhash,
    colour,
    engine,
    cpuMs,
  }
  const mine = put.filter(({ isMine }) => isMine)
  const putBytes = mine.reduce((sum, { variant }) => sum + variant.bytes, 0)
  return { receipt, ok: true, put: mine.length, putBytes }
}

/** First put wins: if another writer was faster, the receipt describes the object that is there. */
async function putVariant(
  sha256: Digest,
  { store, signal }: RenderSourceOptions,
  { op, format, width, height, bytes, data }: RenderedVariant,
): Promise<{ readonly variant: Variant; readonly isMine: boolean }> {
  const key = variantKeyOf(sha256, { op, format }, width)
  const variant: Variant = { op, width, height, format, bytes, key }
  if (data === undefined) return { variant, isMine: false }
  const { status } = await store.put(key, bytesBody(data), variantHeaders(format), { when: 'absent', signal })
  if (status === 'stored') return { variant, isMine: true }
  const there = await store.head(key, { signal })
  return { variant: { ...variant, bytes: there?.size ?? bytes }, isMine: false }
}

function failure(
  source: SourceImage,
  { recipe }: RenderSourceOptions,
  { answer, tries, facts }: Tried<unknown> & { readonly facts: ImageFacts | undefined },
): SourceResult {
  const { code, message } = answer.ok ? { code: 'E_BUG' as const, message: '' } : answer.failure
  const src = sourceOf(source, facts)
  const receipt: FailureReceipt = { v: 1, src, recipe: recipeId(recipe), code, message, attempts: tries }
  return { receipt, ok: false, put: 0, putBytes: 0 }
}

const sourceOf = ({ key, path, sha256, bytes }: SourceImage, facts: ImageFacts | undefined): ReceiptSource => ({
  ...(key !== undefined && { key }),
  ...(path !== undefined && { path }),
  sha256,
  bytes: bytes.length,
  width: facts?.width ?? 0,
  height: facts?.height ?? 0,
  type: facts?.type ?? '',
})
