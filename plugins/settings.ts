import { LadingError } from '../src/build/index.ts'
import { checkShape, globReader, loadConfig, resolveChecked } from '../src/build/settle.ts'
import type { LadingConfig, SyncOptions } from '../src/index.ts'
import { type BuildPlace, type BuildSettings, type LadingPluginOptions, mayRewrite, wantsUpload } from './options.ts'
import { addressesOf } from './placement.ts'

/**
 * Lays the plugin's options over environment and config file, and checks them.
 * @throws E_CONFIG, E_USAGE, E_URL and what else `resolveConfig` refuses
 */
export async function settle(options: LadingPluginOptions, place: BuildPlace): Promise<BuildSettings> {
  const { upload: _upload, rewrite: _rewrite, onError = 'fail', dryRun = false, config: file, ...others } = options
  const { siteDir: _siteDir, publicDir: _publicDir, types: _types, ...own } = others
  const flags = { ...own, ...(own.base === undefined && place.base !== undefined && { base: place.base }) }
  const { config, sources } =
    file === false ? { config: flags, sources: undefined } : await loadConfig({ ...place, file, flags })
  const upload = wantsUpload(options, place.env)
  const rewrite = mayRewrite(options, place.env)
  if (upload || rewrite) requireAddresses(config, { upload })
  const checked = await checkShape(forBuild(config))
  const context = { cwd: place.cwd, env: place.env, ...(sources !== undefined && { sources }) }
  const syncOptions = (root: string): SyncOptions => resolveChecked({ config: { ...checked, root }, context })
  // Always resolved, to report errors before the build and not after it.
  const resolved = syncOptions(place.outDir)
  const addresses = addressesOf(resolved, await globReader(resolved.include, resolved.exclude, resolved.keep))
  const { cacheDir: _cacheDir, ...sent } = resolved // a local folder, which does not affect what is sent
  const way = JSON.stringify([dryRun, onError, sent])
  return { upload, dryRun, onError, way, rewrite, addresses, syncOptions }
}

function requireAddresses(config: LadingConfig, { upload }: { readonly upload: boolean }): void {
  if (config.url === undefined) {
    throw new LadingError(
      'E_CONFIG',
      `${upload ? 'upload' : "rewrite: 'always'"} needs the public address of the store`,
      {
        subject: 'url',
        why: 'The build has to write it into scripts, style sheets and pages.',
        hint: "Set url: 'https://cdn.example.com/', or a path of the site such as url: '/_a/'.",
      },
    )
  }
  if (upload && config.to === undefined) {
    throw new LadingError('E_CONFIG', 'upload needs a store', {
      subject: 'to',
      hint: "Set to: 's3://BUCKET/PREFIX', or a folder.",
    })
  }
}

/** Stands in where no store is needed: the addresses of a build do not depend on it. */
export const NO_STORE = 's3://no-store-configured'

/** Without the config's folder options: a build has its own output folder, and rewrites pages in place. */
function forBuild(config: LadingConfig): LadingConfig {
  const { root: _root, out: _out, host: _host, inPlace: _inPlace, to = NO_STORE, ...rest } = config
  return { ...rest, to, ...(config.url !== undefined && { inPlace: true }) }
}
