import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import { project } from './builds.ts'

const repository = resolve(import.meta.dirname, '../..')

/** A project whose config file calls the plugin as it is shipped, with the package of Vite that is asked for. */
export function commandProject(
  files: Readonly<Record<string, string>>,
  {
    name,
    options,
    more = '',
  }: { readonly name: string; readonly options: LadingPluginOptions; readonly more?: string },
): string {
  const plugin = pathToFileURL(join(repository, 'dist/plugins/vite.js')).href
  const folder = project({
    ...files,
    'package.json': '{ "type": "module" }',
    'vite.config.js': `import lading from ${JSON.stringify(plugin)}
export default { plugins: [lading(${JSON.stringify(options)})], ${more} }
`,
  })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(packageOf(name), join(folder, 'node_modules/vite'))
  return folder
}

/** `vite 8` is installed by its own name, the older ones beside it. */
function packageOf(name: string): string {
  const alias = join(repository, 'node_modules', name.replace(' ', ''))
  return existsSync(alias) ? alias : join(repository, 'node_modules/vite')
}

export interface ViteCommand {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly output: string }>
}

/** `vite build` in a process of its own. */
export function startVite(folder: string, env: Readonly<Record<string, string>> = {}): ViteCommand {
  const child = spawn(process.execPath, [join(folder, 'node_modules/vite/bin/vite.js'), 'build'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, LANG: 'C', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return {
    child,
    ended: new Promise((done, fail) => {
      child.on('error', fail)
      child.on('close', (code, signal) => done({ code, signal, output }))
    }),
  }
}
