import { statSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { ResolvedConfig } from 'vite'
import {
  BUILD_RECORD_PATH,
  type BuildPreview,
  LadingError,
  type LocalBuild,
  previewBuild,
  readBuildRecord,
  storeListener,
} from '../src/index.ts'
import { type LadingPluginOptions, settle } from './options.ts'

/** A build being previewed, which may be rebuilt meanwhile. */
export interface Preview {
  /** What pages name; ends with `/`. */
  readonly url: string
  /** The pathname of `url`. */
  readonly path: string
  /** Whether it is on the site's own host. */
  readonly isOwnPath: boolean
  readonly cors: boolean
  /** Hands out objects below `path`, with the headers of the CDN. */
  answer(local: LocalBuild): RequestListener
  /** The newest build, with its CDN at this address. */
  at(address: string | undefined): Promise<LocalBuild>
}

export interface PreviewPlace {
  readonly config: ResolvedConfig
  /** Absolute. */
  readonly outDir: string
  readonly options: LadingPluginOptions
}

/** Maximum number of addresses cached per build, so that made-up Host headers cannot exhaust memory. */
const REMEMBERED = 8

/**
 * Reads the build now, so that what is wrong is told at once, and again whenever its record has changed.
 * @throws E_BUILD without a record, and what keeps the site from being published
 */
export async function openPreview(place: PreviewPlace): Promise<Preview> {
  const first = await read(place)
  let last = first
  let stamp = stampOf(place.outDir)
  const at = async (address: string | undefined): Promise<LocalBuild> => {
    const now = stampOf(place.outDir)
    if (now !== stamp) {
      stamp = now
      // A build in progress has removed its record: show the previous one until it is done.
      last = await read(place).catch(() => last)
    }
    const known = last.views.get(address)
    if (known !== undefined) return known
    if (last.views.size >= REMEMBERED) last.views.clear()
    const view = last.build.at(address)
    last.views.set(address, view)
    return view
  }
  const { path: mount, cors } = first.facts
  const answer = ({ objects }: LocalBuild): RequestListener => storeListener(objects, { mount, index: false, cors })
  return { ...first.facts, answer, at }
}

interface Read {
  readonly facts: Omit<Preview, 'answer' | 'at'>
  readonly build: BuildPreview
  readonly views: Map<string | undefined, LocalBuild>
}

async function read({ config, outDir, options }: PreviewPlace): Promise<Read> {
  const record = readBuildRecord(outDir)
  if (record === undefined) throw new LadingError('E_BUILD', 'There is no record of a build', { subject: outDir })
  const { url, cors } = record
  // As recorded by the build, whatever the environment says now.
  const built = { ...options, url, cors, upload: false, rewrite: false, dryRun: false } as const
  const base = config.base.startsWith('/') ? config.base : undefined
  const settings = await settle(built, { cwd: config.root, outDir, base, env: process.env })
  const build = await previewBuild(settings.syncOptions(outDir))
  const isOwnPath = settings.addresses?.sameOrigin ?? false
  return { facts: { url, cors, isOwnPath, path: new URL(url, 'http://localhost').pathname }, build, views: new Map() }
}

function stampOf(outDir: string): string {
  const found = statSync(join(outDir, BUILD_RECORD_PATH), { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeMs} ${found.size}`
}
