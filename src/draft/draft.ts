import type { SyncOptions } from '../config/interface.ts'
import type { Run } from '../line/run.ts'
import { checkCaching } from '../plan/headers.ts'
import { checkMaxDelete } from '../plan/max-delete.ts'
import type { Action } from '../plan/plan.ts'
import { contentDigest, type ReleaseContent } from '../plan/release.ts'
import { loadProbeFor } from '../providers.ts'
import { createCompressor } from '../site/compress/compressor.ts'
import { checkLimits, type Desired, desiredObjects, originEntries } from '../site/desired.ts'
import type { Layout, RewrittenFile } from '../site/layout.ts'
import type { SeenFolders } from '../site/scan/seen-folder.ts'
import { type Survey, survey } from '../site/survey.ts'
import { givenBodies } from '../site/variants.ts'
import { type OriginPlan, planInPlace, planOut } from '../transfer/origin.ts'
import { lostPointer, STATE_FOLDER } from '../transfer/state.ts'
import type { Emit, Warning } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import { lookAround } from './adopt.ts'
import { type Again, type Change, FIRST } from './change.ts'
import { checkChannel } from './channel.ts'
import { decide } from './decide.ts'
import { keysOf, layOutSite } from './lay-out.ts'
import { isPointerLost, isPublished, type Known, type Opened, openStores, readLive, type Stores } from './opened.ts'
import { readForRepair } from './repair.ts'
import { type RepairOptions, withoutCopies } from './repair-options.ts'
import { represent } from './represent.ts'
import { sayPlanned, stopwatch } from './stopwatch.ts'
import { createTally, type KeptNotes, keptFor, type ReferenceTally } from './tally.ts'
import { together } from './together.ts'
import { lookAtKeys, meetUnsettled } from './unsettled.ts'
import { checkVariants } from './variants.ts'
import { draftWarnings, refuseStrict } from './warnings.ts'

/** A complete plan, not yet carried out. */
export interface Draft extends Change {
  readonly options: SyncOptions
  readonly survey: Survey
  readonly layout: Layout | undefined
  readonly desired: readonly Desired[]
  readonly references: ReferenceTally
  readonly warnings: readonly Warning[]
}

export interface DraftRun extends Run {
  readonly emit: Emit
  /** @default those that stay, where the run tells references; else none */
  readonly keepsNotes?: KeptNotes | undefined
  /** The stores, when they are open already. @default opened here */
  readonly stores?: Stores | undefined
  /** What is live, when it is being read already. @default read here */
  readonly known?: Promise<Known | undefined> | undefined
  /** Folders of the site that were scanned a moment ago. @default nothing */
  readonly seen?: SeenFolders | undefined
  /** Told what is live as soon as that is read, and the files' names have been let pass. @default nobody */
  readonly onKnown?: ((opened: Opened) => void) | undefined
  /** What is known from an earlier round of the same run. @default nothing */
  readonly again?: Again | undefined
}

/** scan -> hash -> plan. Reads the disk, the pointer and (without a local copy) the manifest; publishes nothing. */
export async function draft(options: SyncOptions & RepairOptions, run: DraftRun): Promise<Draft> {
  const over = new AbortController()
  try {
    return await decideAll(options, run, over.signal)
  } finally {
    over.abort() // a listing that nobody needs any more
  }
}

/** @param over fires when the draft stands, or has failed */
async function decideAll(options: SyncOptions & RepairOptions, run: DraftRun, over: AbortSignal): Promise<Draft> {
  const { delivery } = options
  const lap = stopwatch(run.emit)
  const { named, tell } = teller(run.onKnown)
  const [opened, found] = await together(run, (signal) => [
    openForDraft(options, { ...run, signal }, AbortSignal.any([signal, over])).then((opened) => {
      tell(opened).catch(() => undefined) // thrown again where it is needed
      return opened
    }),
    survey(options, { signal, env: run.env, seen: run.seen, onNamed: named, onPhase: lap }),
  ])
  checkChannel(opened.live?.pointer, options)
  const references = createTally(run.keepsNotes ?? keptFor(run))
  const layout = await layOutSite({ options, known: keysOf(opened), survey: found, references, signal: run.signal })
  const desired = await represent(desiredObjects({ survey: found, layout, ...options }), {
    compressor: createCompressor({ ...options, given: givenBodies(found.files, found.facts) }),
    rows: opened.manifest?.rows,
    doubts: opened.repair !== undefined,
    fetch: async (key) => (await opened.store.get(key, { signal: run.signal }))?.bytes,
    signal: run.signal,
  })
  checkLimits(desired, opened.store.limits)
  const long = checkCaching(cachingOf(desired), options.force)
  const content = contentOf(options, layout, desired)
  const isLive = (): boolean => opened.live?.pointer.channels.get(options.channel)?.content === contentDigest(content)
  const look = { concurrency: options.concurrency, signal: run.signal }
  if (layout !== undefined && !isLive()) await checkVariants(opened.store, layout.variants, look)
  const lingering = content.lingering
  if (await opened.isLost) throw lostPointer(opened.state.label)
  const { sent } = run.again ?? FIRST
  const actions = await decide({ options, opened, survey: found, desired, lingering, sent, isLive, signal: run.signal })
  checkRemovals(options, opened, actions)
  const { problems } = references
  const warnings = [
    ...found.warnings,
    ...(layout?.warnings ?? []),
    ...draftWarnings({
      options,
      survey: found,
      layout,
      problems,
      long,
      repair: opened.repair,
      env: run.env ?? process.env,
    }),
  ]
  refuseStrict(options, warnings)
  const origin = originPlan(options, found, layout)
  sayPlanned(lap, actions)
  const pageBodies = bodiesOf(options, layout?.pages)
  const isOut = delivery.mode === 'offload' && delivery.pages === 'out'
  return {
    ...{ ...opened, options, survey: found, layout, desired, actions, content, isLive, origin, references, warnings },
    ...{ pageBodies, isOut, restores: undefined },
  }
}

interface Caching extends Pick<Desired, 'path' | 'fileClass' | 'headers'> {
  readonly hashed: boolean
}

/** A generator: memory use peaks here, and a list of copies would take as much again. */
function* cachingOf(desired: readonly Desired[]): Generator<Caching> {
  for (const { path, fileClass, mutable, headers } of desired)
    yield { path, fileClass, hashed: !mutable || fileClass === 'bundle', headers }
}

function bodiesOf(
  { delivery }: SyncOptions,
  pages: ReadonlyMap<SitePath, RewrittenFile> | undefined,
): Change['pageBodies'] {
  if (delivery.mode !== 'offload') return new Map()
  return new Map([...(pages?.values() ?? [])].map(({ path, body }) => [path, body]))
}

/** @throws E_MAX_DELETE */
function checkRemovals({ maxDelete }: SyncOptions, { manifest }: Opened, actions: readonly Action[]): void {
  const gone = actions.flatMap((action) => (action.op === 'remove' ? [action.stored.key] : []))
  checkMaxDelete(gone, manifest?.rows.size ?? 0, maxDelete)
}

/**
 * Says what is live once the names of all files have been let pass, but not where anything lies at the site's own paths:
 * it may be somebody else's, and then nothing is to be written.
 */
function teller(onKnown: DraftRun['onKnown']): { named(): void; tell(opened: Opened): Promise<void> } {
  let named = (): void => {}
  const isNamed = new Promise<void>((resolve) => {
    named = resolve
  })
  return {
    named,
    async tell(opened) {
      await isNamed
      const keys = opened.keysThere === undefined ? [] : await opened.keysThere
      const isFree = keys?.every((key) => key.startsWith(STATE_FOLDER)) && !(await opened.isLost)
      if (isFree) onKnown?.(opened)
    },
  }
}

/**
 * What is live, corrected by a check of the keys that unfinished runs may have changed.
 * @param listing ends a listing that goes on beside
 */
async function openForDraft(
  options: SyncOptions & RepairOptions,
  run: DraftRun,
  listing: AbortSignal,
): Promise<Opened> {
  const stores = run.stores ?? (await openStores(withoutCopies(options), run, run.emit))
  const look = { concurrency: options.concurrency, signal: run.signal }
  const known = await run.known
  const read = options.repair
    ? await readForRepair({ stores, options, signal: run.signal })
    : await readLive(stores, known?.live)
  const hasOwnPaths = options.delivery.mode !== 'offload'
  const keysThere = hasOwnPaths && !isPublished(read) ? lookAround(stores.store, listing) : undefined
  keysThere?.catch(() => undefined) // thrown again where it is needed
  // who is told nothing ahead only plans
  if (run.onKnown !== undefined && !isPublished(read)) loadProbeFor(options.target)
  const isLost =
    isPublished(read) || options.repair ? undefined : isPointerLost(stores, options.state ? undefined : keysThere)
  isLost?.catch(() => undefined) // thrown again where it is needed
  const opened = await meetUnsettled({ ...read, keysThere, isLost }, look, known?.next)
  return lookAtKeys(opened, run.again?.suspects ?? [], look)
}

function contentOf({ delivery }: SyncOptions, layout: Layout | undefined, desired: readonly Desired[]): ReleaseContent {
  const mutable = desired.filter((object) => object.mutable)
  const hashed = desired.filter((object) => !object.mutable)
  const isBeside = ({ key }: Desired): boolean => layout?.beside.has(key.replace(/\.br$/, '')) ?? false
  const named = hashed.filter((object) => !isBeside(object))
  const beside = hashed.filter(isBeside).map(({ key }) => key)
  const pages = delivery.mode === 'offload' ? [...(layout?.pages.values() ?? [])] : []
  return {
    mode: delivery.mode,
    url: delivery.mode === 'mirror' ? undefined : delivery.url.href,
    paths: new Map(named.map(({ path, key }) => [path, key])),
    stored: new Map(mutable.map(({ key, body, headers }) => [key, { sha256: body.sha256, headers }])),
    assetHeaders: new Map(named.map(({ key, headers }) => [key, headers])),
    pages: new Map(pages.map(({ path, body }) => [path, body.sha256])),
    lingering: new Set([...(layout?.named ?? []), ...beside]),
  }
}

/** What has to be done at the origin; nothing where the store has the pages. */
export function originPlan(
  { delivery }: Pick<SyncOptions, 'delivery'>,
  found: Survey,
  layout: Layout | undefined,
): OriginPlan | undefined {
  if (delivery.mode !== 'offload' || layout === undefined) return undefined
  if (delivery.pages === 'out') return planOut(delivery.dir, originEntries(found, layout))
  // what is reached through a link is rewritten where it really lies
  const pages = originEntries(found, layout).filter(({ isRewritten, isAlias }) => isRewritten && !isAlias)
  return planInPlace(
    found.root,
    pages.map((page) => ({ ...page, current: found.facts.get(page.path)?.sha256 ?? '' })),
  )
}
