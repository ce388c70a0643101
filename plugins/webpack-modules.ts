import type { Compilation, Compiler } from 'webpack'
import { LadingError } from '../src/build/index.ts'
import { movesAll } from './placement.ts'
import { whyStays } from './webpack-assets.ts'
import type { Kind } from './webpack-kinds.ts'

/** Whether scripts are modules. Older versions of webpack set this from the experiment after applying plugins. */
export function makesModules({ options: { output, experiments } }: Compiler): boolean {
  const isExperiment = experiments !== undefined && 'outputModule' in experiments && experiments.outputModule === true
  return output.module ?? isExperiment
}

/**
 * In a module a root-relative path resolves against the module's own host, here the store's: files that stay at the
 * site need absolute URLs. Classic scripts resolve it against the page.
 * @throws E_CONFIG
 */
export function refuseLost(room: Parameters<typeof whyStays>[1], kind: Kind): void {
  const { compilation, made, addresses } = room
  const { compiler } = compilation
  if (!makesModules(compiler) || addresses.sameOrigin || !movesAll(addresses)) return
  const areWorkersLost = compiler.options.output.workerPublicPath?.startsWith('/') ?? true
  const workers = areWorkersLost ? workerFiles(compilation, kind) : []
  const isLost = (path: string): boolean => /\.svg$/i.test(path) && whyStays(path, room) !== undefined
  const lost = [...workers, ...(addresses.site === undefined ? [...made.emitted].filter(isLost) : [])]
  if (lost.length === 0) return
  throw new LadingError('E_CONFIG', 'modules would look for files of the site on another host', {
    details: lost,
    why: `They stay at the site, but scripts that are modules (output.module) look where they lie: ${addresses.url.href}.`,
    hint: "Set site: 'https://www.example.com', the site's own address, where lading() is called (webpack reads it before any config file), or leave out output.module.",
  })
}

function workerFiles(compilation: Compilation, kind: Kind): string[] {
  return [...compilation.chunks].flatMap((chunk) => (kind.isWorker(chunk, compilation) ? [...chunk.files] : []))
}
