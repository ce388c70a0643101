import type { SyncOptions } from '../config/interface.ts'
import type { StoreOptions } from '../config/resolve.ts'
import type { Emit, WarningEvent } from '../events.ts'
import type { ETag, Key, PublicUrl } from '../model.ts'
import { checkCaching } from '../plan/headers.ts'
import type { Manifest } from '../plan/manifest.ts'
import { type Action, plan } from '../plan/plan.ts'
import type { Pointer } from '../plan/pointer.ts'
import { contentDigest, type ReleaseContent } from '../plan/release.ts'
import { openStore } from '../providers.ts'
import type { Run } from '../run.ts'
import { checkLimits, type Desired, desiredObjects, originEntries } from '../site/desired.ts'
import type { Layout, ReferenceNote } from '../site/layout.ts'
import { type Survey, survey } from '../site/survey.ts'
import type { Store } from '../store/store.ts'
import { type OriginPlan, planInPlace, planOut } from '../transfer/origin.ts'
import { openState, STATE_FOLDER, type State } from '../transfer/state.ts'
import { checkBuild, checkBuildKeys, storeIdentity } from './build-check.ts'
import { checkChannel } from './channel.ts'
import { draftWarnings, refuseStrict } from './warnings.ts'

/** Everything decided, nothing done. */
export interface Draft {
  readonly options: SyncOptions
  readonly store: Store
  readonly state: State
  readonly live: { readonly pointer: Pointer; readonly etag: ETag } | undefined
  readonly manifest: Manifest | undefined
  readonly survey: Survey
  readonly layout: Layout | undefined
  readonly desired: readonly Desired[]
  readonly actions: readonly Action[]
  readonly content: ReleaseContent
  /** True when the live release of this channel is already what this one would be. */
  readonly isLive: boolean
  readonly origin: OriginPlan | undefined
  readonly notes: readonly ReferenceNote[]
  readonly warnings: readonly Omit<WarningEvent, 'type'>[]
}

/** scan -> hash -> plan. Reads the disk, the pointer and (without a local copy) the manifest; writes nothing. */
export async function draft(options: SyncOptions, run: Run, emit: Emit): Promise<Draft> {
  const started = performance.now()
  const [{ store, state, live, manifest }, found] = await Promise.all([
    openAndRead(options, run, emit),
    survey(options, {
      signal: run.signal,
      onPhase: (phase, files, bytes) => emit({ type: 'phase', phase, files, bytes, ms: performance.now() - started }),
    }),
  ])
  checkChannel(live?.pointer, options)
  const notes: ReferenceNote[] = []
  const layout = await layOutSite({ options, found, manifest, live, notes })
  const desired = desiredObjects({ survey: found, layout, ...options })
  checkLimits(desired, store.limits)
  const long = checkCaching(
    desired.map((object) => ({ ...object, hashed: !object.mutable || object.fileClass === 'bundle' })),
    options.force,
  )
  const content = contentOf(options, layout, desired)
  const isLive = live?.pointer.channels.get(options.channel)?.content === contentDigest(content)
  const actions = await decide({ options, state, live, manifest, found, desired, isLive })
  const warnings = [...found.warnings, ...(layout?.warnings ?? []), ...draftWarnings({ options, layout, notes, long })]
  refuseStrict(options, warnings)
  return {
    options,
    store,
    state,
    live,
    manifest,
    survey: found,
    layout,
    desired,
    actions,
    content,
    isLive,
    origin: originPlan(options, found, layout),
    notes,
    warnings,
  }
}

interface Decide extends Pick<Draft, 'options' | 'state' | 'live' | 'manifest' | 'desired' | 'isLive'> {
  readonly found: Survey
}

/**
 * What expires depends on what the live releases of other channels name. They are read only when something else has
 * changed: a release that is live already leaves behind nothing that it did not leave behind before.
 */
async function decide({ options, state, live, manifest, found, desired, isLive }: Decide): Promise<Action[]> {
  const sent = found.build?.store === storeIdentity(options.target) ? found.build.sent : new Set<Key>()
  const input = { desired, manifest, sent }
  const unexpired = plan({ ...input, namedElsewhere: new Set(manifest?.rows.keys()) })
  if (isLive && unexpired.every(({ op }) => op === 'keep')) return unexpired
  return plan({ ...input, namedElsewhere: await namedElsewhere(live?.pointer, options.channel, state) })
}

type Opened = Pick<Draft, 'store' | 'state' | 'live' | 'manifest'>

/** Opens the store (and the state's, if apart) and reads what is live there. */
export async function openAndRead(options: StoreOptions, run: Run, emit: Emit): Promise<Opened> {
  const open = run.openStore ?? openStore
  const storeOptions = { ...options, env: run.env, onRetry: emit }
  const store = await open(options.target, storeOptions)
  const stateStore = options.state === undefined ? store : await open(options.state, storeOptions)
  const folder = options.state === undefined ? STATE_FOLDER : ''
  const state = openState({ store: stateStore, folder, cacheDir: options.cacheDir, signal: run.signal })
  const live = await state.readPointer()
  return { store, state, live, manifest: live && (await state.readManifest(live.pointer)) }
}

interface LayOutSite extends Pick<Draft, 'options' | 'manifest' | 'live'> {
  readonly found: Survey
  readonly notes: ReferenceNote[]
}

async function layOutSite({ options, found, manifest, live, notes }: LayOutSite): Promise<Layout | undefined> {
  const { delivery } = options
  checkBuild(found, options)
  if (delivery.mode === 'mirror') return undefined
  const { layOut } = await import('../site/layout.ts')
  const layout = layOut({
    ...options,
    files: found.files,
    facts: found.facts,
    build: found.build,
    url: delivery.url,
    taken: (key) => manifest?.rows.get(key)?.sha256,
    earlierUrls: earlierUrls(live?.pointer, delivery.url),
    onReference: (note) => notes.push(note),
  })
  checkBuildKeys(found, layout)
  return layout
}

function earlierUrls(pointer: Pointer | undefined, current: PublicUrl): PublicUrl[] {
  const hrefs = [...(pointer?.channels.values() ?? [])].map(({ url }) => url)
  return [...new Set(hrefs)]
    .filter((href) => href !== null && href !== current.href)
    .map((href) => ({ href: String(href), kind: String(href).startsWith('/') ? 'path' : 'host' }))
}

/** Keys that the live releases of other channels name: they are in use, whatever this one does. */
async function namedElsewhere(pointer: Pointer | undefined, channel: string, state: State): Promise<Set<Key>> {
  const others = [...(pointer?.channels ?? [])].filter(([name]) => name !== channel)
  const releases = await Promise.all(others.map(([, { release }]) => state.readRelease(release)))
  return new Set(releases.flatMap(({ paths, stored }) => [...paths.values(), ...stored.keys()]))
}

function contentOf({ delivery }: SyncOptions, layout: Layout | undefined, desired: readonly Desired[]): ReleaseContent {
  const mutable = desired.filter((object) => object.mutable)
  const pages = delivery.mode === 'offload' ? [...(layout?.pages.values() ?? [])] : []
  return {
    mode: delivery.mode,
    url: delivery.mode === 'mirror' ? undefined : delivery.url.href,
    paths: new Map([...(layout?.moved.values() ?? [])].map(({ path, key }) => [path, key])),
    stored: new Map(mutable.map(({ key, body, headers }) => [key, { sha256: body.sha256, headers }])),
    pages: new Map(pages.map(({ path, body }) => [path, body.sha256])),
  }
}

function originPlan({ delivery }: SyncOptions, found: Survey, layout: Layout | undefined): OriginPlan | undefined {
  if (delivery.mode !== 'offload' || layout === undefined) return undefined
  if (delivery.pages === 'out') return planOut(delivery.dir, originEntries(found, layout))
  const pages = originEntries(found, layout).filter(({ isRewritten }) => isRewritten)
  return planInPlace(
    found.root,
    pages.map((page) => ({ ...page, current: found.facts.get(page.path)?.sha256 ?? '' })),
  )
}
