import type { Compiler } from 'webpack'
import { LadingError } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import type { BuildSettings, LadingPluginOptions } from './options.ts'
import { NO_PUBLIC_FILES } from './public-files.ts'
import { provideTypes, publicDirOf, VIRTUAL, virtualModule } from './virtual.ts'
import { whenDone } from './webpack-taps.ts'

/** The addresses that `virtual:lading` gave scripts, checked against the files of the build. */
export interface ToldUrls {
  /** @throws E_BUILD when a script names a copied file by a key that it does not have */
  check(files: ReadonlyMap<SitePath, { readonly key: Key }>): void
}

/**
 * Gives webpack and Rspack `virtual:lading`, which is a scheme to them. `settings` says how the current build is made;
 * undefined in watch mode and in the dev server.
 */
export function provideToWebpack(
  compiler: Compiler,
  options: LadingPluginOptions,
  settings: () => BuildSettings | undefined,
): ToldUrls {
  const publicDir = publicDirOf(options, compiler.context)
  const { publicPath } = compiler.options.output
  const base = options.base ?? (typeof publicPath === 'string' && /^\/(?:.*\/)?$/.test(publicPath) ? publicPath : '/')
  let told = NO_PUBLIC_FILES
  compiler.hooks.beforeCompile.tapAsync('lading', (_params, done) =>
    whenDone(provideTypes(options, { cwd: compiler.context, publicDir }), done),
  )
  compiler.hooks.compilation.tap('lading', (_compilation, { normalModuleFactory }) => {
    normalModuleFactory.hooks.resolveForScheme.for('virtual').tapPromise('lading', async (asked) => {
      if (asked.resource !== VIRTUAL) return undefined
      const made = settings()
      const { code, files } = await virtualModule({
        publicDir,
        base,
        settings: made,
        isDevelopment: made === undefined,
      })
      told = files
      // A data URI: Rspack reads no custom schemes, and another text is another URI, so no cache returns a stale one.
      const uri = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
      Object.assign(asked, { resource: uri, path: uri })
      return true
    })
  })
  return {
    check(files) {
      const wrong = [...told.keys].filter(([path, key]) => files.get(path)?.key !== key).map(([path]) => path)
      told = NO_PUBLIC_FILES
      if (wrong.length > 0) throw notCopied(wrong)
    },
  }
}

function notCopied(paths: readonly SitePath[]): LadingError {
  return new LadingError('E_BUILD', 'public files that scripts name are not in the build', {
    details: paths,
    why: `${VIRTUAL} gives their addresses in the store, but the build did not copy them there as they are.`,
    hint: "Copy the folder as it is: new CopyPlugin({ patterns: [{ from: 'public' }] }).",
  })
}
