import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LadingPluginOptions } from '../../plugins/webpack.ts'
import { project } from './builds.ts'

const repository = resolve(import.meta.dirname, '../..')
const inPackages = (path: string): string => join(repository, 'node_modules', path)
const asUrl = (path: string): string => JSON.stringify(pathToFileURL(path).href)

/** A project that is built in a process of its own, with the plugin as it is shipped. */
export interface Command {
  readonly name: string
  /** The file with the bundler's configuration, or the script that calls it. */
  readonly file: string
  readonly text: (lading: string) => string
  /** What node is called with. */
  readonly args: readonly string[]
}

const NAMES = "entryFileNames: '[name]-[hash].js', chunkFileNames: 'chunks/[name]-[hash].js'"

export const COMMANDS: readonly Command[] = [
  {
    name: 'webpack',
    file: 'webpack.config.mjs',
    text: (lading) => `export default {
  mode: 'production', context: import.meta.dirname, entry: './src/main.js',
  output: { path: import.meta.dirname + '/dist', filename: '[name].[contenthash].js' }, plugins: [${lading}],
}`,
    args: [inPackages('webpack-cli/bin/cli.js'), 'build'],
  },
  {
    name: 'rollup',
    file: 'rollup.config.mjs',
    text: (lading) => `export default {
  input: 'src/main.js', output: { dir: 'dist', ${NAMES} }, plugins: [${lading}],
}`,
    args: [inPackages('rollup/dist/bin/rollup'), '-c'],
  },
  {
    name: 'esbuild',
    file: 'build.mjs',
    text: (lading) => `import { build } from ${asUrl(inPackages('esbuild/lib/main.js'))}
await build({
  entryPoints: ['src/main.js'], outdir: 'dist', bundle: true, format: 'esm', splitting: true, logLevel: 'info',
  entryNames: '[name]-[hash]', chunkNames: 'chunks/[name]-[hash]', plugins: [${lading}],
})`,
    args: ['build.mjs'],
  },
]

const SITE = {
  'package.json': '{ "type": "module" }',
  'src/main.js': "import('./later.js').then(({ words }) => { document.title = words })\n",
  'src/later.js': "export const words = 'later'\n",
}

/** A folder with the project, ready to be built. */
export function commandProject({ name, file, text }: Command, options: LadingPluginOptions): string {
  const plugin = asUrl(join(repository, `dist/plugins/${name}.js`))
  const lading = `lading(${JSON.stringify(options)})`
  return project({ ...SITE, [file]: `import lading from ${plugin}\n${text(lading)}\n` })
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly output: string }>
}

export function startCommand({ args }: Command, cwd: string, env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, LANG: 'C', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  const ended: Running['ended'] = new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => done({ code, signal, output }))
  })
  return { child, ended }
}
