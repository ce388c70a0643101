import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { ResolvedConfig, ViteBuilder } from 'vite'
import { markServers, withServer } from '../src/build/index.ts'
import { setRecordAside } from './earlier-build.ts'
import { toldInFull } from './failure.ts'
import { finishBuild } from './outcome.ts'
import { type ClientOutput, recordOf, type ViteBuild } from './vite-state.ts'

/** What a hook's `this.meta` says. Vite 6 has no `viteVersion` there, and calls some hooks without `this`. */
export type Meta = { readonly viteVersion?: string } | undefined

/**
 * Whether several environments are built in turn, ending with `buildApp`. `build()` of the JavaScript API builds one
 * without calling `buildApp`, even with `builder` set; but only an app build resolves a config per environment.
 */
export function isAppBuild({ configs }: ViteBuild, { builder }: Pick<ResolvedConfig, 'builder'>): boolean {
  return builder !== undefined && (builder.sharedConfigBuild || configs > 1)
}

/** The end of the hook `buildApp`, which Vite 7 and 8 have. */
export async function publishApp(build: ViteBuild, builder: ViteBuilder, meta: Meta): Promise<void> {
  if (build.settings === undefined || !isAppBuild(build, builder.config)) return
  const environments = Object.values(builder.environments)
  // Vite does this itself after the hook if nothing was built; here it must happen before publishing.
  if (!environments.some(({ isBuilt }) => isBuilt)) for (const each of environments) await builder.build(each)
  await publishAll(build, builder, meta)
}

/** Vite 6 has no such hook: the config's `builder.buildApp` is wrapped to publish at its end. */
export function wrapBuildApp(build: ViteBuild, { builder: options }: ResolvedConfig): void {
  if (options === undefined) return
  const { buildApp } = options
  options.buildApp = async (builder) => {
    await buildApp(builder)
    await publishAll(build, builder, undefined)
  }
}

async function publishAll(build: ViteBuild, { config }: ViteBuilder, meta: Meta): Promise<void> {
  if (build.lifecycle.haveAllSucceeded()) await publish(build, bundlerName(meta, config.root))
}

/**
 * Publishes once per build: every folder that client environments wrote into. Server folders are marked first, so that
 * one inside a published folder is not sent with it.
 */
export async function publish(build: ViteBuild, bundler: string): Promise<void> {
  const { settings, logger, lifecycle } = build
  if (settings === undefined || !lifecycle.finishOnce()) return
  const warn = (text: string): void => logger?.warn(`lading: ${text}`)
  const folders = byFolder(build.clients.values())
  const servers = [...build.servers.values()].map((server) => ({ ...server, bundler }))
  await toldInFull(() => markServers(servers.filter(({ outDir }) => !folders.has(outDir))))
  for (const [outDir, outputs] of folders) {
    const code = servers.filter((server) => server.outDir === outDir).flatMap((server) => [...server.code])
    const record = withServer(recordOf(outputs, settings, bundler), code)
    logger?.info(`lading: ${await toldInFull(() => finishBuild({ settings, outDir, record, warn }))}`)
  }
}

function byFolder(outputs: Iterable<ClientOutput>): Map<string, ClientOutput[]> {
  const folders = new Map<string, ClientOutput[]>()
  for (const output of outputs) folders.set(output.outDir, [...(folders.get(output.outDir) ?? []), output])
  return folders
}

/** `vite 8.3.8`. Vite 6 does not tell plugins; where its package is not found from the project, `vite 6`. */
export function bundlerName(meta: Meta, root: string): string {
  return `vite ${meta?.viteVersion ?? installedVersion(root)}`
}

function installedVersion(root: string): string {
  try {
    const { version }: { version?: unknown } = createRequire(join(root, 'vite.config.js'))('vite/package.json')
    return typeof version === 'string' && version.startsWith('6.') ? version : '6'
  } catch {
    return '6'
  }
}

interface Environment {
  readonly config: Pick<ResolvedConfig, 'root' | 'builder' | 'build'> & { readonly consumer: 'client' | 'server' }
  getTopLevelConfig(): ResolvedConfig
}

/**
 * Called before files are written: the record of an older build may list what is no longer there. In an app the
 * server's files belong to the same site: they reference what browsers load.
 */
export async function forgetOlderBuild(build: ViteBuild, environment: Environment): Promise<void> {
  const { config } = environment
  if (build.settings === undefined || !config.build.write) return
  const all = Object.values(environment.getTopLevelConfig().environments)
  for (const each of isAppBuild(build, config) ? all : [config]) {
    if (each.consumer === 'client') await setRecordAside(resolve(config.root, each.build.outDir))
  }
}
