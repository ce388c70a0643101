import { resolve } from 'node:path'
import type { Plugin, RenderBuiltAssetUrl, ResolvedConfig, UserConfig } from 'vite'
import { LadingError } from '../src/build/index.ts'
import { toldInFull } from './failure.ts'
import { type BuildSettings, type LadingPluginOptions, settle } from './options.ts'
import { finishBuild } from './outcome.ts'
import { corsNotice, movesAll } from './placement.ts'
import { isNamedByContent } from './vite-names.ts'
import {
  newBuild,
  noteSprite,
  publicFilesOf,
  recordOf,
  settingsDigest,
  sortInto,
  type ViteBuild,
} from './vite-state.ts'
import { builtUrl } from './vite-url.ts'
import { typesFor, virtualHooks } from './vite-virtual.ts'

/** The hooks of `lading/vite`. The dev server and watch mode are left alone. */
export function vitePlugin(options: LadingPluginOptions): Partial<Plugin> {
  const build = newBuild()
  return {
    sharedDuringBuild: true,
    ...virtualHooks(build),
    config: {
      order: 'post',
      async handler(user, { command }) {
        const isIdle = command === 'serve' || user.build?.watch || user.build?.lib
        build.settings = undefined
        if (isIdle) return undefined
        return await toldInFull(async () => {
          build.settings = await settle(options, placeOf(user))
          return additions(user, build, build.settings)
        })
      },
    },
    async configResolved(config) {
      build.logger = config.logger
      await typesFor(options, config)
      if (build.settings === undefined && config.command === 'build') config.logger.info(`lading: ${whyIdle(config)}`)
    },
    async buildStart() {
      const { name, config } = this.environment
      build.lifecycle.begin(name)
      build.publicFiles = await toldInFull(() => publicFilesOf(build, config))
      if (config.consumer === 'server') return
      build.sorted = { files: new Map(), origin: new Set() }
      sayWhatStays(build)
    },
    transform: {
      filter: { id: /\.svg(?:[?#]|$)/i },
      handler: (_code, id) => noteSprite(build.found, id),
    },
    augmentChunkHash: () => settingsDigest(build),
    buildEnd(error) {
      if (error !== undefined) build.lifecycle.fail(this.environment.name)
    },
    renderError() {
      build.lifecycle.fail(this.environment.name)
    },
    renderStart() {
      build.lifecycle.render(this.environment.name)
    },
    generateBundle: {
      order: 'post',
      async handler(output, bundle) {
        const { config } = this.environment
        const { settings } = build
        if (settings === undefined || config.consumer === 'server') return
        build.outDir = resolve(config.root, config.build.outDir)
        await toldInFull(() => sortInto(build, settings, { bundle, output }))
      },
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        build.lifecycle.write(this.environment.name)
      },
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler(error?: Error) {
        const { name, config } = this.environment
        if (error !== undefined) build.lifecycle.fail(name)
        if (isAppBuild(config) || config.consumer === 'server' || !build.lifecycle.hasSucceeded(name)) return
        await publish(build, `vite ${this.meta.viteVersion}`)
      },
    },
    buildApp: {
      order: 'post',
      async handler(builder) {
        if (!isAppBuild(builder.config)) return
        const environments = Object.values(builder.environments)
        // What Vite does itself after this hook when nobody has built; here it must be done before we publish.
        if (!environments.some(({ isBuilt }) => isBuilt)) for (const each of environments) await builder.build(each)
        const clients = environments.filter(({ config }) => config.consumer === 'client')
        if (!clients.every(({ name }) => build.lifecycle.hasSucceeded(name))) return
        await publish(build, `vite ${this.meta.viteVersion}`)
      },
    },
  }
}

function sayWhatStays({ settings, logger }: ViteBuild): void {
  if (!settings?.rewrite || settings.addresses === undefined || movesAll(settings.addresses)) return
  logger?.info(`lading: ${corsNotice(settings.addresses)}`)
}

async function publish(build: ViteBuild, bundler: string): Promise<void> {
  const { settings, logger, outDir, lifecycle } = build
  if (settings === undefined || !lifecycle.finishOnce()) return
  const record = recordOf(build, settings, bundler)
  const warn = (text: string): void => logger?.warn(`lading: ${text}`)
  logger?.info(`lading: ${await toldInFull(() => finishBuild({ settings, outDir, record, warn }))}`)
}

/** Several environments, one after the other: their end is the end of `buildApp`. */
function isAppBuild(config: Pick<ResolvedConfig, 'builder'>): boolean {
  return config.builder !== undefined
}

function whyIdle(config: ResolvedConfig): string {
  return config.build.lib
    ? 'a library has no pages: addresses are left as they are and nothing is sent'
    : 'watching: addresses are left as they are and nothing is sent'
}

function placeOf(user: UserConfig): Parameters<typeof settle>[1] {
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

/** What the config gains: a place for our addresses, and a recorder of what belongs to workers. */
function additions(user: UserConfig, build: ViteBuild, { addresses, rewrite }: BuildSettings): UserConfig {
  const worker = { plugins: () => [workerRecorder(build)] }
  if (!rewrite || addresses === undefined) return { worker }
  refuseForeignBase(user.base)
  const before = user.experimental?.renderBuiltUrl
  const renderBuiltUrl: RenderBuiltAssetUrl = (file, host) =>
    before?.(file, host) ?? builtUrl(file, host, { addresses, found: build.found })
  return { worker, experimental: { renderBuiltUrl } }
}

function workerRecorder(build: ViteBuild): Plugin {
  return {
    name: 'lading:worker',
    augmentChunkHash: () => settingsDigest(build),
    generateBundle(output, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') build.found.workers.set(file.fileName, isNamedByContent(file, output))
      }
    },
  }
}
