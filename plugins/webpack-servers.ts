import type { Compilation, Compiler } from 'webpack'
import { isPage, type ServerOutput } from '../src/build/index.ts'
import { pathOf } from './webpack-assets.ts'
import type { Kind } from './webpack-kinds.ts'

/** A server build writes the same addresses, but browsers load none of its files, so they need no hashed names. */
export function isServer({ platform }: Pick<Compiler, 'platform'>): boolean {
  return platform.web === false
}

/** Undefined for browsers, and for a Node build that emits pages: its output is a site. */
export function serverOutput(compilation: Compilation, kind: Kind): ServerOutput | undefined {
  const { compiler, chunks } = compilation
  if (!isServer(compiler) || compilation.getAssets().some(({ name }) => isPage(name))) return undefined
  const code = new Set([...chunks].flatMap(({ files }) => [...files].map(pathOf)))
  return { outDir: compiler.outputPath, bundler: kind.nameOf(compiler), code }
}
