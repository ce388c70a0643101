import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { parseJson } from '../../plan/state-file.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { codeOf } from '../../words/system-error.ts'
import { LANES, type Lane } from '../plan/lanes.ts'

interface BatchFacts {
  /** Batches of one name have one budget. @default one for each */
  readonly name?: string | undefined
  /** @default 'std' */
  readonly lane?: Lane | undefined
  /** The name of a recipe. @default 'web' */
  readonly recipe?: string | undefined
  /** When it is submitted, in minutes. @default 0 */
  readonly atMinutes?: number | undefined
  /** Images an hour. @default all at once */
  readonly perHour?: number | undefined
  /** @default 12 */
  readonly deadlineHours?: number | undefined
  /** In dollars. @default no cap */
  readonly budget?: number | undefined
}

/** A batch to be simulated: the images of a folder, or so many of one size. */
export type ScenarioBatch =
  | (BatchFacts & { readonly folder: string })
  | (BatchFacts & { readonly images: number; readonly width: number; readonly height: number })

/** Images of all batches together: each is an object in memory. */
const MOST_IMAGES = 2_000_000

const number = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most))
const whole = (least: number, most: number) => v.pipe(number(least, most), v.integer())

const FACTS = {
  name: v.optional(v.string()),
  lane: v.optional(v.picklist(LANES)),
  recipe: v.optional(v.string()),
  atMinutes: v.optional(number(0, 60 * 24 * 30)),
  perHour: v.optional(number(1, 10_000_000)),
  deadlineHours: v.optional(number(0.01, 24 * 30)),
  budget: v.optional(number(0, 1e6)),
} as const

const FOLDER = v.strictObject({ ...FACTS, folder: v.string() })
const IMAGES = v.strictObject({
  ...FACTS,
  images: whole(1, MOST_IMAGES),
  width: whole(1, 100_000),
  height: whole(1, 100_000),
})

/**
 * Reads a file that lists batches, in JSON. Folders are beside it.
 *
 * @throws E_USAGE
 */
export async function readScenario(path: string, label: string): Promise<readonly ScenarioBatch[]> {
  const refuse = (why: string): LadingError =>
    new LadingError('E_USAGE', 'the list of batches cannot be used', {
      subject: label,
      why,
      hint: 'Write [{"folder": "photos"}, {"images": 500, "width": 800, "height": 600, "lane": "hi", "atMinutes": 5}].',
    })
  const bytes = await readFile(path).catch((error: unknown) => {
    throw refuse(`It cannot be read: ${codeOf(error) || String(error)}.`)
  })
  const value = parseJson(bytes)
  if (!Array.isArray(value) || value.length === 0) throw refuse('It is no list in JSON, or an empty one.')
  const batches = value.map((each: unknown, at) => {
    const isFolder = typeof each === 'object' && each !== null && 'folder' in each
    const parsed = isFolder ? v.safeParse(FOLDER, each) : v.safeParse(IMAGES, each)
    if (!parsed.success)
      throw refuse(`Batch ${at + 1}: ${flawOf(parsed.issues[0], isFolder ? ' beside "folder"' : '')}.`)
    return parsed.output
  })
  const made = batches.reduce((sum, batch) => sum + ('images' in batch ? batch.images : 0), 0)
  if (made > MOST_IMAGES) throw refuse(`It has ${made} images, more than ${MOST_IMAGES}.`)
  return batches.map((batch) =>
    'folder' in batch ? { ...batch, folder: resolve(dirname(path), batch.folder) } : batch,
  )
}

function flawOf(issue: v.BaseIssue<unknown>, beside: string): string {
  const where = v.getDotPath(issue)
  if (!where) return 'it is no object'
  if (issue.type !== 'strict_object') return printable(`${where}: ${issue.message}`)
  return printable(issue.expected === 'never' ? `there is no "${where}"${beside}` : `"${where}" is missing`)
}
