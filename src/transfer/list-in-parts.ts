import { setMaxListeners } from 'node:events'
import type { ListedObject, Store } from '../store/store.ts'
import { compareKeys } from '../words/key-order.ts'
import type { Key } from '../words/model.ts'

/** Concurrent requests of one listing: a hundred pages then take the time of seven, at little load for the store. */
const LANES = 16
/** Target size of a part, in pages, at most. The fewer parts, the fewer last pages that are nearly empty. */
const PART_PAGES = 4
/** How many pages a part buffers while it waits for those before it; then it pauses. */
const AHEAD_PAGES = 2 * PART_PAGES

export interface PartsOptions {
  /**
   * Keys that are probably there, in any order, or strings spread evenly among them. Evaluated only when the first page
   * is not all. They divide the work and do not affect the result.
   */
  readonly expected: () => Iterable<Key>
  /** A folder to skip, except for what the first page happens to show; ends with `/`. @default none */
  readonly without?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Same keys, order and errors as `store.list`, but with many pages requested at once instead of one after another. The
 * first page tells whether there are more, and how dense the expected keys are; each part then ends at one of them.
 * Unexpected keys are found all the same, only later.
 */
export async function* listInParts(
  store: Store,
  prefix: string,
  options: PartsOptions,
): AsyncGenerator<readonly ListedObject[], void> {
  const { signal } = options
  let parts: Parts | undefined
  for await (const page of store.list(prefix, { signal })) {
    yield page
    parts ??= partsBehind(page, { ...options, prefix, pageKeys: store.facts.listPage ?? Number.POSITIVE_INFINITY })
    if (parts.borders.length > 0) break
  }
  if (parts !== undefined && parts.borders.length > 0) yield* readParts(store, prefix, { ...parts, signal })
}

/** Evenly spread borders for a folder of hex digests: all two-digit prefixes. */
export function hexBorders(folder: string): Key[] {
  return Array.from({ length: 256 }, (_, byte) => folder + byte.toString(16).padStart(2, '0'))
}

interface Parts {
  /** The first part begins behind it. */
  readonly start: string
  /** Where one part ends and the next begins. */
  readonly borders: readonly Key[]
}

interface Sharing extends PartsOptions {
  readonly prefix: string
  readonly pageKeys: number
}

function partsBehind(page: readonly ListedObject[], { prefix, expected, without, pageKeys }: Sharing): Parts {
  const last = page.at(-1)?.key ?? prefix
  const isWanted = (key: Key): boolean => without === undefined || !key.startsWith(without)
  // our names are ASCII, so `~` sorts after them
  const start = isWanted(last) ? last : `${without}~`
  // a full page may come short, since the store leaves out objects that are not ours
  if (page.length < pageKeys / 2) return { start, borders: [] }
  const known = [...expected()].filter((key) => key.startsWith(prefix) && isWanted(key)).sort(compareKeys)
  const passed = known.filter((key) => compareKeys(key, start) <= 0).length
  const seen = page.filter(({ key }) => isWanted(key)).length
  const perPage = expectedPerPage({ passed, seen, pageKeys, known: known.length })
  const pages = (known.length - passed) / perPage
  const step = perPage * Math.min(PART_PAGES, Math.ceil(pages / (2 * LANES)))
  const borders = known.filter((_, at) => at >= passed && at < known.length - 1 && (at - passed + 1) % step === 0)
  return { start, borders }
}

interface Density {
  /** How many of the expected keys lie within the first page. */
  readonly passed: number
  /** How many objects that page has shown. */
  readonly seen: number
  readonly pageKeys: number
  readonly known: number
}

/** How many expected keys one page covers, a whole number, so that a part of whole pages ends with a full one. */
function expectedPerPage({ passed, seen, pageKeys, known }: Density): number {
  if (seen === 0) return pageKeys
  const measured = passed === 0 ? Math.min(pageKeys, known / (2 * LANES)) : (passed * pageKeys) / seen
  return Math.max(1, Math.round(measured))
}

async function* readParts(
  store: Store,
  prefix: string,
  { start, borders, signal }: Parts & Pick<PartsOptions, 'signal'>,
): AsyncGenerator<readonly ListedObject[], void> {
  const stop = new AbortController()
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  setMaxListeners(0, either) // every part under way listens
  const waiting: Promise<Part>[] = []
  const left = [...borders]
  let after: string | undefined = start

  const beginNext = (from: string): void => {
    // a store found to ignore `after` is listed once more, in a single part
    const until = store.facts.listPage === undefined ? undefined : left.shift()
    const part = readAhead(store.list(prefix, { after: from, until, signal: either })[Symbol.asyncIterator]())
    // no unhandled rejection: whoever awaits the part gets the error
    part.catch(() => {})
    waiting.push(part)
    after = until
  }
  try {
    do {
      while (after !== undefined && waiting.length < LANES) beginNext(after)
      const part = await waiting.shift()
      yield* part?.read ?? []
      if (part) yield* { [Symbol.asyncIterator]: () => part.rest }
    } while (waiting.length > 0 || after !== undefined)
  } finally {
    stop.abort()
    await Promise.allSettled(waiting)
  }
}

interface Part {
  readonly read: readonly (readonly ListedObject[])[]
  readonly rest: AsyncIterator<readonly ListedObject[], void>
}

async function readAhead(rest: Part['rest']): Promise<Part> {
  const read: (readonly ListedObject[])[] = []
  while (read.length < AHEAD_PAGES) {
    const next = await rest.next()
    if (next.done) break
    read.push(next.value)
  }
  return { read, rest }
}
