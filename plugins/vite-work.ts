import { resolve } from 'node:path'
import type { ResolvedConfig, UserConfig } from 'vite'
import { isPage, LadingError, markServers } from '../src/build/index.ts'
import type { LadingPluginOptions } from './options.ts'
import { corsNotice, movesAll } from './placement.ts'
import { settle } from './settings.ts'
import { bundlerName, isAppBuild, type Meta, publish, wrapBuildApp } from './vite-app.ts'
import { additions, linkTo, placeOf } from './vite-config.ts'
import { frameworkOf } from './vite-frameworks.ts'
import { type Generated, publicFilesOf, sortInto, type ViteBuild } from './vite-state.ts'

export { forgetOlderBuild, publishApp } from './vite-app.ts'
export { newBuild, noteSprite, settingsDigest } from './vite-state.ts'

/** The environment that a hook runs for. */
export interface VitePlace {
  readonly name: string
  readonly config: ResolvedConfig & { readonly consumer: 'client' | 'server' }
}

/** @throws what `settle` throws, and E_CONFIG for a base that cannot be worked with */
export async function enter(build: ViteBuild, options: LadingPluginOptions, user: UserConfig): Promise<UserConfig> {
  const place = placeOf(user)
  const settings = await settle(options, place)
  const framework = await frameworkOf(user)
  if (framework !== undefined) {
    const { adviceFor } = await import('./framework-advice.ts')
    build.advice = adviceFor(framework, settings, place.outDir)
    return {}
  }
  build.settings = settings
  return additions(user, build, settings)
}

/** @throws E_BUILD for a Vite without environments */
export function takeConfig(build: ViteBuild, config: ResolvedConfig, meta: Meta): void {
  // Its type has them, but Vite 5 does not.
  if (!('environments' in config)) throw tooOld()
  build.logger = config.logger
  build.configs = build.hasBegun ? 1 : build.configs + 1
  build.hasBegun = false
  linkTo(build, config)
  // Vite 6 calls this without a context, and has no hook `buildApp`.
  if (!meta?.viteVersion) wrapBuildApp(build, config)
}

function tooOld(): LadingError {
  return new LadingError('E_BUILD', 'lading/vite needs Vite 6 or later', {
    why: 'Older ones do not say which files of a build are for browsers.',
    hint: 'Update vite, or take the plugin out and let "lading sync" rewrite the pages after the build.',
  })
}

export async function begin(build: ViteBuild, { name, config }: VitePlace): Promise<void> {
  build.hasBegun = true
  // Only here: SvelteKit also reads its config in threads that build nothing.
  if (build.advice !== undefined) {
    const { root, logger } = config
    const { tellOnce } = await import('./framework-advice.ts')
    return tellOnce(build.advice, root, (line) => logger.info(`lading: ${line}`))
  }
  if (!build.lifecycle.begin(name, [config.build.rollupOptions.output].flat().length)) return
  build.clients.delete(name)
  build.servers.delete(name)
  build.publicFiles = await publicFilesOf(build, config)
  const outDir = resolve(config.root, config.build.outDir)
  if (config.consumer === 'server') {
    if (config.build.write) build.servers.set(name, { outDir, code: new Set() })
    return
  }
  const sorted = { files: new Map(), origin: new Set<string>() }
  build.clients.set(name, { outDir, publicFiles: build.publicFiles, sorted })
  sayWhatStays(build)
}

function sayWhatStays({ settings, logger }: ViteBuild): void {
  if (!settings?.rewrite || settings.addresses === undefined || movesAll(settings.addresses)) return
  logger?.info(`lading: ${corsNotice(settings.addresses)}`)
}

/** @throws E_BUILD */
export async function generate(build: ViteBuild, name: string, made: Generated): Promise<void> {
  const { settings, found, clients } = build
  noteServer(build, name, made)
  const client = clients.get(name)
  if (settings !== undefined && client !== undefined) await sortInto(client, { settings, found }, made)
}

/** A Node build that emits pages is no server: its output is a site. */
function noteServer({ servers }: ViteBuild, name: string, { bundle }: Generated): void {
  const outputs = Object.values(bundle)
  if (outputs.some(({ fileName }) => isPage(fileName))) servers.delete(name)
  for (const { type, fileName } of outputs) if (type === 'chunk') servers.get(name)?.code.add(fileName)
}

/** The end of a single-environment build; app builds end in `buildApp`. */
export async function close(build: ViteBuild, { name, config }: VitePlace, meta: Meta): Promise<void> {
  build.lifecycle.end(name)
  if (isAppBuild(build, config) || !build.lifecycle.hasSucceeded(name)) return
  const bundler = bundlerName(meta, config.root)
  if (config.consumer !== 'server') return publish(build, bundler)
  const server = build.servers.get(name)
  if (build.settings !== undefined && server !== undefined) await markServers([{ ...server, bundler }])
}
