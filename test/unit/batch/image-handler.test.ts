import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { doneReceiptKey, failureReceiptKey, originalKey, recipeKey } from '../../../src/batch/plan/keys.ts'
import type { ImageJob } from '../../../src/batch/plan/messages.ts'
import { createImageHandler, type ImageHandlerOptions, type Original } from '../../../src/batch/worker/image-handler.ts'
import { canonicalJson } from '../../../src/images/plan/canonical.ts'
import { defineRecipe } from '../../../src/images/plan/define-recipe.ts'
import { type FailureReceipt, parseReceipt, type Receipt } from '../../../src/images/plan/receipt.ts'
import { type Recipe, recipeId } from '../../../src/images/plan/recipe.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { BATCH, imageJob } from '../../rig/batch-messages.ts'
import { createBatchWorld } from '../../rig/batch-world.ts'
import { textBody } from '../../rig/faulty-store.ts'

const RECIPE = defineRecipe({})
const TEXT = 'the bytes of an image'
const SHA = createHash('sha256').update(TEXT).digest('hex')
const { signal } = new AbortController()
const GONE = { key: originalKey('e'.repeat(64), 'jpg'), sha256: 'e'.repeat(64) }

let store: Store
let rendered: { readonly original: Original; readonly recipe: Recipe }[]

const put = (key: string, text: string) => store.put(key, textBody(text), { 'content-type': 'image/jpeg' })

beforeEach(async () => {
  store = createMemoryStore()
  rendered = []
  await put(recipeKey(recipeId(RECIPE)), canonicalJson(RECIPE))
  await put(originalKey(SHA, 'jpg'), TEXT)
})

const job = (changes: Partial<ImageJob> = {}): ImageJob => {
  const src = { key: originalKey(SHA, 'jpg'), sha256: SHA, bytes: TEXT.length, type: 'image/jpeg' }
  return imageJob(1, { src, recipe: recipeId(RECIPE), ...changes })
}

const receiptOf = ({ key, sha256, bytes }: Original): Receipt => ({
  v: 1,
  src: { key, sha256, bytes: bytes.byteLength, width: 10, height: 10, type: 'image/jpeg' },
  recipe: recipeId(RECIPE),
  variants: [],
  dropped: [],
  thumbhash: '',
  colour: '#000000',
  engine: { sharp: '1', libvips: '1' },
  cpuMs: 1,
})

const failureOf = (original: Original, code: FailureReceipt['code']): FailureReceipt => ({
  ...{ v: 1, src: receiptOf(original).src, recipe: recipeId(RECIPE), attempts: 1 },
  ...{ code, message: `it came to ${code}` },
})

const handler = (changes: Partial<ImageHandlerOptions> = {}) =>
  createImageHandler({
    store,
    render: async (original, { recipe }) => {
      rendered.push({ original, recipe })
      return { receipt: receiptOf(original) }
    },
    ...changes,
  })

describe('the job of an image', () => {
  it('renders the verified original by the recipe, and puts the receipt', async () => {
    expect(await handler().handle(job(), { signal })).toEqual({ status: 'done' })
    expect(rendered).toMatchObject([{ original: { sha256: SHA }, recipe: RECIPE }])
    expect(Buffer.from(rendered[0]?.original.bytes ?? []).toString()).toBe(TEXT)
    const found = await store.get(doneReceiptKey(BATCH, '0000-0001'))
    expect(found && parseReceipt(found.bytes)).toMatchObject({ recipe: recipeId(RECIPE), src: { sha256: SHA } })
  })

  it('that is done already is not done again', async () => {
    const { handle } = handler()
    await handle(job(), { signal })
    expect(await handle(job(), { signal })).toEqual({ status: 'done' })
    expect(rendered).toHaveLength(1)
  })

  it.each([
    ['J13: whose original is gone', GONE, 'E_UNREADABLE'],
    ['whose original got shorter', { bytes: TEXT.length + 1 }, 'E_INTEGRITY'],
    ['whose original got longer', { bytes: TEXT.length - 1 }, 'E_INTEGRITY'],
    ['whose original has other bytes', { sha256: 'e'.repeat(64) }, 'E_INTEGRITY'],
    ['whose original is empty', { bytes: 0 }, 'E_IMAGE_CORRUPT'],
    ['whose original is too large', { bytes: 50_000_001 }, 'E_IMAGE_BYTES'],
  ])('%s has failed for good, and nothing is decoded', async (_what, src, code) => {
    const { handle } = handler()
    expect(await handle(job({ src: { ...job().src, ...src } }), { signal })).toMatchObject({ status: 'failed', code })
    expect(rendered).toEqual([])
  })

  it('whose original the store has lost is no crash of the image, and has failed for good', async () => {
    const lost = new LadingError('E_INTEGRITY', 'the bytes are not what was stored')
    const get: Store['get'] = async (key, options) =>
      key.startsWith('o/') ? Promise.reject(lost) : store.get(key, options)
    expect(await handler({ store: { ...store, get } }).handle(job(), { signal })).toEqual({
      ...{ status: 'failed', code: 'E_INTEGRITY', reason: 'the bytes are not what was stored' },
    })
  })

  it.each([
    ['is not there', undefined],
    ['is another one', canonicalJson(defineRecipe({ widths: [77] }))],
    ['is no JSON', '{'],
    ['is null', 'null'],
    ['is nested too deep', `${'['.repeat(99)}${']'.repeat(99)}`],
  ])('whose recipe %s has failed for good', async (_what, text) => {
    await store.remove([recipeKey(recipeId(RECIPE))])
    if (text !== undefined) await put(recipeKey(recipeId(RECIPE)), text)
    expect(await handler().handle(job(), { signal })).toMatchObject({ status: 'failed', code: 'E_JOB_FORBIDDEN' })
    expect(rendered).toEqual([])
  })

  it('that the renderer gives up is failed, and one that its child died of has crashed', async () => {
    const giving = (code: FailureReceipt['code']) =>
      handler({ render: async (original) => ({ receipt: failureOf(original, code) }) }).handle(job(), { signal })
    expect(await giving('E_IMAGE_CORRUPT')).toEqual({
      ...{ status: 'failed', code: 'E_IMAGE_CORRUPT', reason: 'it came to E_IMAGE_CORRUPT' },
    })
    expect(await giving('E_IMAGE_CRASHED')).toEqual({ status: 'crashed', reason: 'it came to E_IMAGE_CRASHED' })
    expect(await store.head(doneReceiptKey(BATCH, '0000-0001'))).toBeUndefined()
  })

  it('is settled by the worker: a crash once more, then for good', async () => {
    const world = createBatchWorld()
    store = world.store
    await put(recipeKey(recipeId(RECIPE)), canonicalJson(RECIPE))
    await put(originalKey(SHA, 'jpg'), TEXT)
    await world.send(job())
    await world.work({
      handler: handler({ store, render: async (original) => ({ receipt: failureOf(original, 'E_IMAGE_CRASHED') }) }),
    })
    expect(await world.stored(`b/${BATCH}/f/`)).toEqual([failureReceiptKey(BATCH, '0000-0001')])
    expect(await world.stored(`b/${BATCH}/crash/`)).toHaveLength(2)
  })
})
