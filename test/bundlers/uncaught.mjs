/**
 * Builds with the built plugin while another plugin throws where the bundler itself catches nothing. Called with the
 * bundler and a hook, it ends as any such process does; with the bundler alone, it goes through all hooks and prints
 * `{ hook, how, stored, recorded }` for each.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [, , name, only] = process.argv
const bundlers = {
  webpack: async () => (await import('webpack')).default,
  rspack: async () => (await import('@rspack/core')).rspack,
}
const bundler = await bundlers[name]()
const { default: lading } = await import(`../../dist/plugins/${name}.js`)

/** `compilation/` before hooks of a compilation. */
const HOOKS = {
  webpack: [
    ...['normalModuleFactory', 'contextModuleFactory', 'compile', 'thisCompilation', 'compilation', 'shouldEmit'],
    ...['compilation/addEntry', 'compilation/succeedModule', 'compilation/seal', 'compilation/optimize'],
    ...['compilation/optimizeChunks', 'compilation/chunkIds', 'compilation/beforeHash', 'compilation/afterHash'],
    ...['compilation/afterProcessAssets', 'compilation/needAdditionalSeal', 'compilation/needAdditionalPass'],
  ],
  rspack: ['normalModuleFactory', 'contextModuleFactory', 'compile', 'compilation/needAdditionalPass'],
}

function boom() {
  throw new Error('boom')
}

function throwing(hook) {
  const inCompilation = hook.split('compilation/')[1]
  return {
    apply({ hooks }) {
      if (inCompilation === undefined) hooks[hook].tap('x', boom)
      else hooks.compilation.tap('x', (made) => made.hooks[inCompilation].tap('x', boom))
    },
  }
}

function compilerFor(folder, hook) {
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.js'), 'document.title = "x"')
  const options = { url: 'https://cdn.example.com/', cors: true, to: join(folder, 'store'), upload: true }
  return bundler({
    mode: 'production',
    context: folder,
    entry: './src/main.js',
    infrastructureLogging: { level: 'none' },
    optimization: { minimize: false },
    output: { path: join(folder, 'dist'), filename: '[name].[contenthash].js' },
    plugins: [lading({ ...options, config: false, cacheDir: join(folder, 'cache') }), throwing(hook)],
  })
}

/** How a run ends: `callback` for all that the bundler hands to who asked for it, else what the process is told. */
function outcomeOf(folder, hook) {
  return new Promise((done) => {
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error, origin) => done(error.message === 'boom' ? origin : String(error)))
    compilerFor(folder, hook).run((error, stats) => done(error || stats.hasErrors() ? 'callback' : 'success'))
  })
}

const folder = mkdtempSync(join(tmpdir(), 'lading-uncaught-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
if (only) {
  compilerFor(folder, only).run(() => undefined)
} else {
  const told = []
  for (const [at, hook] of HOOKS[name].entries()) {
    const place = join(folder, String(at))
    mkdirSync(place)
    const how = await outcomeOf(place, hook)
    const [stored, recorded] = ['store', 'dist/.lading/build.json'].map((path) => existsSync(join(place, path)))
    told.push({ hook, how, stored, recorded })
  }
  process.stdout.write(JSON.stringify(told), () => process.exit(0))
}
