import { resolve } from 'node:path'
import type { Plugin, RenderBuiltAssetUrl, ResolvedConfig, Rolldown, UserConfig } from 'vite'
import { LadingError } from '../src/build/index.ts'
import type { BuildSettings, settle } from './options.ts'
import { isNamedByContent } from './vite-names.ts'
import { settingsDigest, type ViteBuild } from './vite-state.ts'
import { builtUrl } from './vite-url.ts'

export function placeOf(user: UserConfig): Parameters<typeof settle>[1] {
  const cwd = resolve(user.root ?? '.')
  return {
    cwd,
    outDir: resolve(cwd, user.build?.outDir ?? 'dist'),
    base: isPath(user.base) ? (user.base ?? '/') : undefined,
    env: process.env,
  }
}

function isPath(base: string | undefined): boolean {
  return base === undefined || base.startsWith('/')
}

/** @throws E_CONFIG for a base that is not a path: scripts from another host could not find their way back */
function refuseForeignBase(base: string | undefined): void {
  if (isPath(base)) return
  throw new LadingError('E_CONFIG', `Vite's base "${base}" is not a path of the site`, {
    subject: 'base',
    why: 'Lading writes the addresses of assets itself; base says where the pages lie.',
    hint: "Leave base out, or name the pages' path: base: '/app/'.",
  })
}

/** @throws E_CONFIG for chunks that find each other by an import map, whose addresses Vite writes without asking anyone */
function refuseImportMap({ build, environments }: UserConfig): void {
  const all = [build, ...Object.values(environments ?? {}).map((environment) => environment.build)]
  if (!all.some((each) => each?.chunkImportMap)) return
  throw new LadingError('E_CONFIG', 'chunks that find each other by an import map cannot be named in the store', {
    subject: 'build.chunkImportMap',
    why: 'Vite writes the paths of the site into the map, and chunks in the store would load them from there.',
    hint: 'Leave build.chunkImportMap out, or rewrite: false, and "lading sync" rewrites the pages.',
  })
}

/**
 * Which build a config's functions work for. In app mode Vite reads the config file once per environment, and so
 * creates several plugin instances, but calls only the first one's hooks: functions that the others put into their
 * config need that one's state.
 */
interface Link {
  build: ViteBuild
}

/** Vite hands keys that it does not know from `config` to `configResolved`. */
const LINK = 'lading:build'

/** What the config gains: a place for our addresses, and a recorder of what belongs to workers. */
export function additions(user: UserConfig, build: ViteBuild, { addresses, rewrite }: BuildSettings): UserConfig {
  const link: Link = { build }
  const added = { [LINK]: link, worker: { plugins: () => [workerRecorder(link)] } }
  if (!rewrite || addresses === undefined) return added
  refuseForeignBase(user.base)
  refuseImportMap(user)
  const before = user.experimental?.renderBuiltUrl
  // Here and not in `configResolved`: Vite reads it when it creates its own plugins, before that hook.
  const renderBuiltUrl: RenderBuiltAssetUrl = (file, host) =>
    addressIn(before?.(file, host)) ?? builtUrl(file, host, { addresses, found: link.build.found })
  const rollupOptions = { plugins: [chunkRecorder(link)] }
  return { ...added, build: { rollupOptions }, experimental: { renderBuiltUrl } }
}

/** `{ relative: true }` names no place, and what names the file may lie at another host than the file. */
function addressIn(answer: ReturnType<RenderBuiltAssetUrl>): ReturnType<RenderBuiltAssetUrl> {
  return typeof answer === 'object' && answer.runtime === undefined ? undefined : answer
}

/** Binds the functions that `additions` put into this config to `build`. */
export function linkTo(build: ViteBuild, config: ResolvedConfig): void {
  // A key of our own, which Vite's type does not have.
  const { [LINK]: link } = config as { readonly [LINK]?: Link }
  if (link !== undefined) link.build = build
}

/** Stands among the bundler's own plugins, so that chunks are known before Vite writes the addresses of some. */
function chunkRecorder(link: Link): Rolldown.Plugin {
  return {
    name: 'lading:chunks',
    generateBundle: {
      order: 'pre',
      handler(_output, bundle) {
        for (const file of Object.values(bundle)) if (file.type === 'chunk') link.build.found.chunks.add(file.fileName)
      },
    },
  }
}

function workerRecorder(link: Link): Plugin {
  return {
    name: 'lading:worker',
    augmentChunkHash: () => settingsDigest(link.build),
    generateBundle(output, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') link.build.found.workers.set(file.fileName, isNamedByContent(file, output))
      }
    },
  }
}
