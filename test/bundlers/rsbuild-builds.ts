import { join } from 'node:path'
import { createRsbuild, type RsbuildConfig, type RsbuildInstance } from '@rsbuild/core'
import ladingRsbuild, { type LadingPluginOptions } from '../../plugins/rsbuild.ts'
import { tempFolder } from './builds.ts'

export interface RsbuildBuild {
  /** Where the sources lie. */
  readonly root: string
  readonly options?: LadingPluginOptions
  readonly config?: RsbuildConfig
  readonly folder?: string
}

export interface RsbuildBuilt {
  readonly folder: string
  readonly outDir: string
}

/** An instance with the plugin from source, which writes to `<folder>/dist`. */
export async function rsbuildFor({ root, options, config = {}, folder = tempFolder() }: RsbuildBuild): Promise<{
  readonly rsbuild: RsbuildInstance
  readonly built: RsbuildBuilt
}> {
  const outDir = join(folder, 'dist')
  const rsbuild = await createRsbuild({
    cwd: root,
    config: {
      mode: 'production',
      logLevel: 'silent',
      ...config,
      output: { distPath: { root: outDir }, cleanDistPath: true, ...config.output },
      plugins: [
        ladingRsbuild({ cacheDir: join(folder, 'cache'), to: join(folder, 'store'), ...options }),
        ...(config.plugins ?? []),
      ],
    },
  })
  return { rsbuild, built: { folder, outDir } }
}

/** Builds with Rsbuild. Rejects when the build does. */
export async function buildRsbuild(build: RsbuildBuild): Promise<RsbuildBuilt> {
  const { rsbuild, built } = await rsbuildFor(build)
  const { close } = await rsbuild.build()
  await close()
  return built
}

/** Builds in watch mode, without end: `change` is called after the first build, and the second one is waited for. */
export async function watchRsbuild(build: RsbuildBuild, change: () => void): Promise<RsbuildBuilt> {
  const { rsbuild, built } = await rsbuildFor(build)
  let nextBuild: () => void = () => {}
  const first = new Promise<void>((done) => {
    nextBuild = done
  })
  rsbuild.onAfterBuild(() => nextBuild())
  const { close } = await rsbuild.build({ watch: true })
  await first
  await new Promise<void>((done) => {
    nextBuild = done
    change()
  })
  await close()
  return built
}
