import sharp, { type Sharp } from 'sharp'
import { type Looked, look, open, translated } from './look.ts'
import { placeholderOf, SIDE } from './placeholder.ts'
import { judge } from './plan/judge.ts'
import { isTooLong, planWidths, type Size, sizeAt } from './plan/plan.ts'
import type { Dropped, DropReason } from './plan/receipt.ts'
import { type Operation, operationsFor } from './plan/recipe.ts'
import { hasWideProfile } from './profile.ts'
import { rightsIn } from './rights.ts'
import { createShrinker, reopenedAs } from './shrinker.ts'
import { ANIMATION, DECODE, pipe, VARIANT } from './steps/index.ts'
import type { Step, Target } from './steps/work.ts'
import type { Rendered, RenderedVariant, RenderRequest } from './wire.ts'

/**
 * Everything that a recipe makes of one source: decoded once, at the largest width, from which the narrower ones are
 * shrunk. Runs in a child only.
 * @throws ImageError
 */
export async function render({ bytes, ...request }: RenderRequest): Promise<Rendered> {
  const started = process.cpuUsage()
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rendered = await translated(async () => {
    const looked = await look(source, request.limits)
    const job: Job = { ...request, ...looked, source, existing: existingSizes(request.existing) }
    if (looked.facts.isFixed) return unchanged(job, 'animated')
    if (looked.facts.frames > request.recipe.animation.maxFrames) return unchanged(job, 'too-many-frames')
    return looked.facts.frames > 1 ? animated(job) : still(job)
  })
  const { user, system } = process.cpuUsage(started)
  const engine = { sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips }
  return { ...rendered, engine, cpuMs: Math.round((user + system) / 1000) }
}

type Made = Omit<Rendered, 'engine' | 'cpuMs'>

interface Job extends Looked, Omit<RenderRequest, 'kind' | 'bytes' | 'existing'> {
  readonly source: Buffer
  /** Sizes in bytes of the variants already in the store, by `<op>-<width>`. */
  readonly existing: ReadonlyMap<string, number>
}

const existingSizes = (existing: RenderRequest['existing']): ReadonlyMap<string, number> =>
  new Map(existing.map(({ op, width, bytes }) => [`${op}-${width}`, bytes]))

/** Keeps the original. It is decoded all the same, for the placeholder and because a damaged one is no success. */
async function unchanged({ source, limits }: Job, reason: DropReason): Promise<Made> {
  return { variants: [], dropped: [{ reason }], ...(await placeholderOf(open(source, limits).autoOrient())) }
}

async function still(job: Job): Promise<Made> {
  const { source, limits, facts, metadata, recipe } = job
  const isWide = hasWideProfile(metadata)
  const widest = Math.max(...operationsFor(recipe, 'opaque').flatMap(({ widths }) => widths))
  const base = sizeAt(facts, Math.min(widest, facts.width))
  const decoded = await pipe(open(source, limits), DECODE, { base, isWide }).toBuffer({ resolveWithObject: true })
  const reopened = (): Sharp => reopenedAs(decoded, isWide)
  const kind = facts.hasAlpha && !(await reopened().stats()).isOpaque ? 'transparent' : 'opaque'
  const image = (): Sharp => (kind === 'opaque' && facts.hasAlpha ? reopened().removeAlpha() : reopened())
  const operations = operationsFor(recipe, kind)
  const sizes = operations.flatMap((operation) => planWidths(operation, facts.width).widths)
  const narrow = Math.min(base.width, ...sizes.filter((width) => width >= SIDE))
  const at = createShrinker(image, { isWide, often: [...sizes, narrow] })
  const made = await encodeAll(job, { operations, at, steps: VARIANT, isWide })
  return chosen(job, made, await placeholderOf(await at(sizeAt(facts, narrow))))
}

async function animated(job: Job): Promise<Made> {
  const { source, limits, recipe } = job
  const made = await encodeAll(job, {
    operations: operationsFor(recipe, 'animated'),
    at: async () => open(source, limits, true),
    steps: ANIMATION,
    isWide: false,
  })
  return chosen(job, made, await placeholderOf(open(source, limits)))
}

interface Encoding {
  readonly operations: readonly Operation[]
  /** Opens the image that each variant starts from. */
  readonly at: (size: Size) => Promise<Sharp>
  readonly steps: readonly Step<Target>[]
  readonly isWide: boolean
}

type Encoded = Pick<Rendered, 'variants' | 'dropped'>

/** Sequential: a child uses one core, and the other cores have children of their own. */
async function encodeAll(job: Job, { operations, at, steps, isWide }: Encoding): Promise<Encoded> {
  const { existing, metadata, facts } = job
  const rights = rightsIn(metadata.exif)
  const variants: RenderedVariant[] = []
  const dropped: Dropped[] = []
  for (const operation of operations) {
    const { op, format } = operation
    const planned = planWidths(operation, facts.width)
    dropped.push(...planned.dropped)
    for (const size of planned.widths.map((width) => sizeAt(facts, width))) {
      if (isTooLong(size, format)) {
        dropped.push({ op, width: size.width, reason: 'too-long-for-format' })
        continue
      }
      const known = existing.get(`${op}-${size.width}`)
      const data =
        known === undefined
          ? await pipe(await at(size), steps, { size, operation, isWide, rights }).toBuffer()
          : undefined
      variants.push({ op, format, ...size, data, bytes: data?.length ?? known ?? 0 })
    }
  }
  return { variants, dropped }
}

function chosen(
  { source, recipe }: Job,
  { variants, dropped }: Encoded,
  placeholder: Pick<Rendered, 'thumbhash' | 'colour'>,
): Made {
  const judged = judge(variants, { sourceBytes: source.length, minSaving: recipe.minSaving })
  return { variants: judged.kept, dropped: [...dropped, ...judged.dropped], ...placeholder }
}
