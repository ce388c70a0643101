import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { VERSION } from '../src/index.ts'

const root = join(import.meta.dirname, '..')

interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
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
      !/^(dist\/(src|plugins)\/.*\.(js|d\.ts)|schema\/[\w-]+\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
        path,
      ),
  )
  expect(strange).toEqual([])
  for (const entry of [...Object.values(manifest.exports), ...Object.values(manifest.bin)]) {
    expect(existsSync(join(root, entry)), entry).toBe(true)
    expect(paths).toContain(entry.replace('./', ''))
  }
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

it.each(['vite', 'webpack'])('require("lading/%s") gives the plugin', (name) => {
  const program = `const plugin = require('lading/${name}'); process.stdout.write(typeof plugin)`
  const env = { ...process.env, NODE_OPTIONS: '' }
  expect(execFileSync(process.execPath, ['--no-warnings', '-e', program], { cwd: root, env, encoding: 'utf8' })).toBe(
    'function',
  )
})
