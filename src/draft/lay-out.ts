import type { SyncOptions } from '../config/interface.ts'
import type { Layout, LayoutInput } from '../site/layout.ts'
import type { PageMemory } from '../site/pages/page-memory.ts'
import type { Survey } from '../site/survey.ts'
import { VERSION } from '../version.ts'
import type { PublicUrl } from '../words/model.ts'
import { checkBuild, checkBuildKeys } from './build-check.ts'
import type { Opened } from './opened.ts'
import { pictureSettings, readPictures } from './pictures.ts'
import type { ReferenceTally } from './tally.ts'

/** What earlier runs have left behind that pages may still name. */
export interface KnownKeys extends Pick<LayoutInput, 'taken'> {
  /** Public addresses that pages were written with, the current one perhaps among them. */
  readonly urls: readonly string[]
}

/** What a store's live releases know. */
export function keysOf({ manifest, live }: Pick<Opened, 'manifest' | 'live'>): KnownKeys {
  return {
    taken: (key) => manifest?.rows.get(key)?.sha256,
    urls: [...(live?.pointer.channels.values() ?? [])].map(({ url }) => url).filter((url) => url !== null),
  }
}

export interface LayOutSite {
  readonly options: SyncOptions
  readonly known: KnownKeys
  readonly survey: Survey
  readonly references: ReferenceTally
  readonly signal: AbortSignal | undefined
}

/**
 * Names the assets and rewrites the files that refer to them; does nothing in mirror mode. The parsers are loaded only
 * here.
 * @throws E_BUILD, E_MANIFEST, E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export async function layOutSite({
  options,
  known,
  survey,
  references,
  signal,
}: LayOutSite): Promise<Layout | undefined> {
  const { delivery } = options
  checkBuild(survey, options)
  if (delivery.mode === 'mirror') return undefined
  const [{ layOut }, { openPageMemory }, { openTextMemory }] = await Promise.all([
    import('../site/layout.ts'),
    import('../site/pages/page-memory.ts'),
    import('../site/text/text-memory.ts'),
  ])
  const earlier = earlierUrls(known, delivery.url)
  const settings = settingsOf(options, { earlier, survey })
  const layout = await layOut({
    ...options,
    pictures: readPictures(options, survey),
    files: survey.files,
    facts: survey.facts,
    build: survey.build,
    url: delivery.url,
    taken: known.taken,
    earlierUrls: earlier,
    onReference: references.note,
    onRecalled: references.add,
    onSeen: references.keeps === 'none' ? undefined : references.see,
    memory: memoryFor(references, openPageMemory(options.cacheDir, survey.root, settings)),
    texts: openTextMemory(options.cacheDir, survey.root),
    signal,
  })
  checkBuildKeys(survey, layout)
  return layout
}

/** Cached pages have no notes, so where notes are wanted the cache is only written, not read. */
function memoryFor({ keeps }: ReferenceTally, memory: PageMemory): PageMemory {
  return keeps === 'none' ? memory : { ...memory, recall: () => undefined }
}

/** Part of the cache key: what affects a rewritten page besides its bytes and the files that it names. */
function settingsOf(
  options: SyncOptions,
  { earlier, survey }: { readonly earlier: readonly PublicUrl[]; readonly survey: Survey },
): string {
  const { delivery, site, base, cors, keep, feeds, lazyAttributes, integrity } = options
  const pictures = pictureSettings(options, survey)
  return JSON.stringify([
    VERSION,
    delivery,
    site,
    base,
    cors,
    keep,
    feeds,
    lazyAttributes,
    integrity,
    earlier,
    pictures,
  ])
}

function earlierUrls({ urls }: KnownKeys, current: PublicUrl): PublicUrl[] {
  const others = [...new Set(urls)].filter((href) => href !== current.href)
  return others.map((href) => ({ href, kind: href.startsWith('/') ? 'path' : 'host' }))
}
