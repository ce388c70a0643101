import type { Plugin } from 'vite'
import { toldInFull } from './failure.ts'
import type { LadingPluginOptions } from './options.ts'
import { isIdle, whyIdle } from './vite-idle.ts'
import { sheetPlugin } from './vite-sheets.ts'
import type { ViteBuild } from './vite-state.ts'
import { virtualHooks } from './vite-virtual.ts'
import type * as Work from './vite-work.ts'

/** A build, and the code for it. */
interface Running {
  readonly build: ViteBuild
  readonly work: typeof Work
}

/**
 * The hooks of `lading/vite`. Their code is loaded when a build begins: the dev server and watch mode are left alone,
 * and do not wait for it.
 */
export function vitePlugins(options: LadingPluginOptions): Plugin[] {
  // Shared by all calls of `config`: in app mode there is one call per environment.
  let running: Running | undefined
  const main: Plugin = {
    name: 'lading',
    enforce: 'post',
    sharedDuringBuild: true,
    ...virtualHooks(() => running?.build.settings),
    config: {
      order: 'post',
      async handler(user, { command }) {
        if (running !== undefined) Object.assign(running.build, { settings: undefined, advice: undefined })
        if (isIdle(user, command)) return undefined
        const work = await import('./vite-work.ts')
        running ??= { work, build: work.newBuild() }
        const { build } = running
        return await toldInFull(() => work.enter(build, options, user))
      },
    },
    configurePreviewServer: async (server) => (await import('./vite-preview.ts')).previewCdn(server, options),
    async configResolved(config) {
      await toldInFull(() => running?.work.takeConfig(running.build, config, this?.meta))
      if (options.types) {
        const { provideTypes } = await import('./virtual.ts')
        await provideTypes(options, { cwd: config.root, publicDir: config.publicDir || undefined })
      }
      if ((running?.build.settings ?? running?.build.advice) !== undefined || config.command === 'serve') return
      config.logger.info(`lading: ${whyIdle(config)}`)
    },
    async buildStart() {
      const { environment } = this
      await toldInFull(() => running?.work.begin(running.build, environment))
    },
    transform: {
      filter: { id: /\.svg(?:[?#]|$)/i },
      handler: (_code, id) => running?.work.noteSprite(running.build.found, id),
    },
    augmentChunkHash: () => running?.work.settingsDigest(running.build),
    // After all other plugins: if one of them fails, nothing has been written and the older build is intact.
    buildEnd: {
      order: 'post',
      sequential: true,
      async handler(error) {
        if (error !== undefined) running?.build.lifecycle.fail(this.environment.name)
        else await running?.work.forgetOlderBuild(running.build, this.environment)
      },
    },
    renderError() {
      running?.build.lifecycle.fail(this.environment.name)
    },
    renderStart() {
      running?.build.lifecycle.render(this.environment.name)
    },
    generateBundle: {
      order: 'post',
      async handler(output, bundle) {
        const { name } = this.environment
        await toldInFull(() => running?.work.generate(running.build, name, { output, bundle }))
      },
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        running?.build.lifecycle.write(this.environment.name)
      },
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler(error?: Error) {
        if (error !== undefined) running?.build.lifecycle.fail(this.environment.name)
        await running?.work.close(running.build, this.environment, this.meta)
      },
    },
    // Vite 7 and 8 have it.
    buildApp: {
      order: 'post',
      async handler(builder) {
        await running?.work.publishApp(running.build, builder, this.meta)
      },
    },
  }
  return [main, sheetPlugin(() => running?.build)]
}
