import { resolve } from 'node:path'
import type { ResolvedConfig, UserConfig } from 'vite'
import type { LadingPluginOptions } from './options.ts'
import { corsNotice, movesAll } from './placement.ts'
import { settle } from './settings.ts'
import { bundlerName, isAppBuild, type Meta, publish, wrapBuildApp } from './vite-app.ts'
import { additions, linkTo, placeOf } from './vite-config.ts'
import { adviceFor, frameworkOf, tellOnce } from './vite-frameworks.ts'
import { type Generated, publicFilesOf, sortInto, type ViteBuild } from './vite-state.ts'

export { forgetOlderBuild, publishApp } from './vite-app.ts'
export { newBuild, noteSprite, settingsDigest } from './vite-state.ts'

/** What the hooks of `lading/vite` do while Vite builds; loaded when it begins to. */
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
    build.advice = adviceFor(framework, settings, place.outDir)
    return {}
  }
  build.settings = settings
  return additions(user, build, settings)
}

export function takeConfig(build: ViteBuild, config: ResolvedConfig, meta: Meta): void {
  build.logger = config.logger
  build.configs = build.hasBegun ? 1 : build.configs + 1
  build.hasBegun = false
  linkTo(build, config)
  // Vite 6 calls this without a context, and has no hook `buildApp`.
  if (!meta?.viteVersion) wrapBuildApp(build, config)
}

export async function begin(build: ViteBuild, { name, config }: VitePlace): Promise<void> {
  build.hasBegun = true
  // Only here: SvelteKit also reads its config in threads that build nothing.
  if (build.advice !== undefined) return tellOnce(build.advice, config)
  if (!build.lifecycle.begin(name, [config.build.rollupOptions.output].flat().length)) return
  build.clients.delete(name)
  build.publicFiles = await publicFilesOf(build, config)
  if (config.consumer === 'server') return
  const outDir = resolve(config.root, config.build.outDir)
  const sorted = { files: new Map(), origin: new Set<string>() }
  build.clients.set(name, { outDir, publicFiles: build.publicFiles, sorted })
  sayWhatStays(build)
}

function sayWhatStays({ settings, logger }: ViteBuild): void {
  if (!settings?.rewrite || settings.addresses === undefined || movesAll(settings.addresses)) return
  logger?.info(`lading: ${corsNotice(settings.addresses)}`)
}

/** @throws E_BUILD */
export async function generate({ settings, found, clients }: ViteBuild, name: string, made: Generated): Promise<void> {
  const client = clients.get(name)
  if (settings !== undefined && client !== undefined) await sortInto(client, { settings, found }, made)
}

/** The end of a build of one environment; that of an app is told apart. */
export async function close(build: ViteBuild, { name, config }: VitePlace, meta: Meta): Promise<void> {
  build.lifecycle.end(name)
  if (isAppBuild(build, config) || config.consumer === 'server' || !build.lifecycle.hasSucceeded(name)) return
  await publish(build, bundlerName(meta, config.root))
}
