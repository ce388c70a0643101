import { resolve } from 'node:path'
import type { Plugin } from 'vite'
import { toldInFull } from './failure.ts'
import { type LadingPluginOptions, settle } from './options.ts'
import { corsNotice, movesAll } from './placement.ts'
import { appHook, bundlerName, forgetOlderBuild, isAppBuild, publish, wrapBuildApp } from './vite-app.ts'
import { additions, isIdle, linkTo, placeOf, whyIdle } from './vite-config.ts'
import { newBuild, noteSprite, publicFilesOf, settingsDigest, sortInto, type ViteBuild } from './vite-state.ts'
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
        build.settings = undefined
        if (isIdle(user, command)) return undefined
        return await toldInFull(async () => {
          build.settings = await settle(options, placeOf(user))
          return additions(user, build, build.settings)
        })
      },
    },
    configurePreviewServer: async (server) => (await import('./vite-preview.ts')).previewCdn(server, options),
    async configResolved(config) {
      build.logger = config.logger
      linkTo(build, config)
      // Vite 6 calls this without a context, and has no hook `buildApp`.
      if (!this?.meta?.viteVersion) wrapBuildApp(build, config)
      await typesFor(options, config)
      if (build.settings === undefined && config.command === 'build') config.logger.info(`lading: ${whyIdle(config)}`)
    },
    async buildStart() {
      const { name, config } = this.environment
      build.lifecycle.begin(name)
      build.clients.delete(name)
      build.publicFiles = await toldInFull(() => publicFilesOf(build, config))
      if (config.consumer === 'server') return
      const outDir = resolve(config.root, config.build.outDir)
      const sorted = { files: new Map(), origin: new Set<string>() }
      build.clients.set(name, { outDir, publicFiles: build.publicFiles, sorted })
      sayWhatStays(build)
    },
    transform: {
      filter: { id: /\.svg(?:[?#]|$)/i },
      handler: (_code, id) => noteSprite(build.found, id),
    },
    augmentChunkHash: () => settingsDigest(build),
    // After all others: when one of them objects, nothing has been written and the older build is whole.
    buildEnd: {
      order: 'post',
      sequential: true,
      async handler(error) {
        if (error !== undefined) build.lifecycle.fail(this.environment.name)
        else await forgetOlderBuild(build, this.environment)
      },
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
        const { settings, found, clients } = build
        const client = clients.get(this.environment.name)
        if (settings === undefined || client === undefined) return
        await toldInFull(() => sortInto(client, { settings, found }, { bundle, output }))
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
        await publish(build, bundlerName(this.meta, config.root))
      },
    },
    ...appHook(build),
  }
}

function sayWhatStays({ settings, logger }: ViteBuild): void {
  if (!settings?.rewrite || settings.addresses === undefined || movesAll(settings.addresses)) return
  logger?.info(`lading: ${corsNotice(settings.addresses)}`)
}
