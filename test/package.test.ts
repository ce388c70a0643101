import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { VERSION } from '../src/index.ts'

const root = join(import.meta.dirname, '..')

interface PackageManifest {
  readonly name: string
  readonly version: string
  /** What a condition leads to is for types alone. */
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const readPackage = (path: string): PackageManifest => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))

const manifest = readPackage(root)

it('the version stands in one place for people and in one for programs, and they agree', () => {
  expect(VERSION).toBe(manifest.version)
})

it('the package holds the build and what a reader needs, and nothing else', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path)
  const strange = paths.filter(
    (path) =>
      !/^(dist\/(src|plugins)\/.*\.(js|d\.ts)|dist\/src\/cli\/(main\.cjs|dashboard\/page\/\w+\.(html|css|svg))|schema\/[\w-]+\.json|package\.json|client\.d\.ts|docs\/[\w-]+\.md|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/.test(
        path,
      ),
  )
  expect(strange).toEqual([])
  const exported = Object.values(manifest.exports).map((entry) => (typeof entry === 'string' ? entry : entry.types))
  for (const entry of [...exported, ...Object.values(manifest.bin)]) {
    expect(existsSync(join(root, entry)), entry).toBe(true)
    expect(paths).toContain(entry.replace('./', ''))
  }
  // The page that npm shows, and whoever opens the folder, follow these.
  const links = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\(((?:docs\/|SECURITY)[^)#]+)/g)]
  expect(links.length).toBeGreaterThan(5)
  for (const [, link = ''] of links) expect(paths).toContain(link)
})

/** Lifecycle scripts that run on the machine of whoever installs us. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall']

it('no runtime dependency, direct or not, runs a script when it is installed', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const runtime = Object.entries<{ dev?: boolean; devOptional?: boolean; peer?: boolean; hasInstallScript?: boolean }>(
    lock.packages,
  )
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.peer)
    .map(([path, entry]) => ({ path, ...entry }))
  expect(runtime.length).toBeGreaterThan(10)
  expect(runtime.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([])
  for (const name of Object.keys(manifest.dependencies)) {
    const scripts = readPackage(join(root, 'node_modules', name)).scripts ?? {}
    expect(
      INSTALL_SCRIPTS.filter((script) => script in scripts),
      name,
    ).toEqual([])
  }
})

/** Entries that are programs. */
const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === 'string' && entry.endsWith('.js') ? [name.replace('.', 'lading')] : [],
)

const run = (...args: string[]): string =>
  execFileSync(process.execPath, ['--no-warnings', ...args], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })

it.each(entries)('%s can be required and imported, and gives the same names', (name) => {
  const print = 'process.stdout.write(JSON.stringify([typeof given, Object.keys(given).sort()]))'
  const [kind, required] = JSON.parse(run('-e', `const given = require('${name}'); ${print}`))
  const [, imported] = JSON.parse(run('--input-type=module', '-e', `import * as given from '${name}'; ${print}`))
  // A plugin is what require() gives, so that require('lading/vite')(options) works.
  if (imported.includes('module.exports')) expect(kind).toBe('function')
  else expect(required.filter((key: string) => key !== '__esModule')).toEqual(imported)
  expect(imported.length).toBeGreaterThan(0)
})

it('every plugin is a function to require()', () => {
  const plugins = entries.filter((name) => !/^lading(?:\/(?:rewrite|runtime))?$/.test(name))
  expect(plugins.length).toBeGreaterThan(4)
  const kinds = run('-e', `process.stdout.write(${JSON.stringify(plugins)}.map((name) => typeof require(name)).join())`)
  expect(kinds.split(',')).toEqual(plugins.map(() => 'function'))
})
