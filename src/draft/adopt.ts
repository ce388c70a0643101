import type { Action } from '../plan/plan.ts'
import type { Desired } from '../site/desired.ts'
import type { Store } from '../store/store.ts'
import { digestOfForeign } from '../transfer/foreign.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import { isPublished, type Opened } from './opened.ts'
import { createSitesBelow } from './sites-below.ts'

interface AdoptInput {
  readonly opened: Opened
  readonly desired: readonly Desired[]
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * Before the first publish, objects may already lie at the keys of the site's files. One is adopted when its bytes
 * equal the file's; anything else is foreign and left alone.
 * @returns the keys to adopt, each with the action
 * @throws E_FOREIGN with all that are in the way, or that belong into the folder of another site
 */
export async function findAdoptable({ opened, desired, concurrency, signal }: AdoptInput): Promise<Map<Key, Action>> {
  const adopted = new Map<Key, Action>()
  if (isPublished(opened)) return adopted
  const wanted = new Map(desired.filter(({ mutable }) => mutable).map((object) => [object.key, object]))
  if (wanted.size === 0) return adopted
  const taken: Desired[] = []
  const others = createSitesBelow()
  for await (const key of eachKeyThere(opened, () => wanted.keys(), signal)) {
    others.note(key)
    taken.push(...[wanted.get(key)].filter((object) => object !== undefined))
  }
  const theirs = [...wanted.keys()].filter(others.has)
  if (theirs.length > 0) throw anotherSite(opened.store.label, theirs, others.folders)
  const foreign: Key[] = []
  await forEachBounded(taken, { concurrency, weigh: () => 0, signal }, async (object) => {
    const found = await opened.store.head(object.key, { signal })
    if (found === undefined) return
    const isEqual =
      found.size === object.body.size &&
      (found.sha256 ?? (await digestOfForeign(opened.store, found, signal))) === object.body.sha256
    if (isEqual) {
      const reason = 'lies there already, byte for byte'
      adopted.set(object.key, { op: 'adopt', object, etag: found.etag, reason })
    } else if (found.sha256 === undefined) foreign.push(object.key)
  })
  if (foreign.length > 0) throw inTheWay(opened.store.label, foreign)
  return adopted
}

/** Lists what lies there, to be begun while files are read. @returns `undefined` where it takes more than one page */
export async function lookAround(store: Store, signal: AbortSignal | undefined): Promise<readonly Key[] | undefined> {
  let keys: readonly Key[] | undefined
  for await (const page of store.list('', { signal })) {
    if (keys !== undefined) return undefined
    keys = page.map(({ key }) => key)
  }
  return keys ?? []
}

async function* eachKeyThere(
  { store, keysThere }: Opened,
  expected: () => Iterable<Key>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Key, void> {
  const seen = await keysThere
  if (seen !== undefined) yield* seen
  else {
    for await (const page of listInParts(store, '', { expected, signal })) yield* page.map(({ key }) => key)
  }
}

function anotherSite(label: string, keys: readonly Key[], folders: ReadonlySet<string>): LadingError {
  return new LadingError('E_FOREIGN', 'Another site of Lading lies where files of this one belong', {
    subject: [...folders].map((folder) => `${label}${folder}`).join(', '),
    details: [...keys].sort(),
    why: 'It was published there on its own, and would lose them with its next deploy. Nothing was written.',
    hint: 'Leave that folder out with `exclude`, or choose a prefix of your own.',
  })
}

function inTheWay(label: string, keys: readonly Key[]): LadingError {
  return new LadingError('E_FOREIGN', 'Somebody else’s objects lie where files of the site belong', {
    subject: label,
    details: [...keys].sort(),
    why: 'Lading did not put them and their bytes differ from yours, so nothing was written.',
    hint: 'Remove or move those objects, or choose a prefix of your own.',
  })
}
