import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { runCli } from '../../src/cli/run.ts'
import type { World } from './world.ts'

/** What a command of a scenario came to. */
export interface Outcome {
  readonly exit: number
  /** Lines of stdout and stderr in the order they were written, with what differs from run to run made equal. */
  readonly lines: readonly string[]
}

/** Where the package lies: `PACKAGE` in a file of a scenario. */
const root = join(import.meta.dirname, '../..')

/** Writes a file of a scenario, and its folders. */
export function writeFile(world: World, path: string, text: string): void {
  const file = join(world.folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text.replaceAll('PACKAGE', root))
}

/** No permission stops this user, so that a story of a file that cannot be read needs another. */
const isRoot = process.geteuid?.() === 0
const NOBODY = 65_534

/** Makes everything of the story nobody's; commands run as that user then. */
function giveAway({ base }: World): void {
  const paths = readdirSync(base, { recursive: true, encoding: 'utf8' }).map((name) => join(base, name))
  for (const path of [base, ...paths]) chownSync(path, NOBODY, NOBODY)
}

const ownerOf = (path: string): number => statSync(path).uid

type Deed = (world: World, words: readonly string[]) => Promise<Outcome> | string | undefined

const DEEDS: Readonly<Record<string, Deed>> = {
  lading,
  vite,
  write: (world, [path = '', text = '']) => writeFile(world, path, `${text}\n`) as undefined,
  rm: (world, [path = '']) => rmSync(join(world.folder, path), { recursive: true }) as undefined,
  link: (world, [target = '', path = '']) => symlinkSync(target, join(world.folder, path)) as undefined,
  cat: (world, [path = '']) => readFileSync(join(world.folder, path), 'utf8').replace(/\n$/, ''),
  ls: (world, [path = '']) => tree(join(world.folder, path)),
  requests: (world) => countsText(world),
  fail: (world, [method = '', key = '', nth = '1']) => world.fail(method, key, Number(nth)) as undefined,
  chmod: (world, [mode = '', path = '']) => {
    if (isRoot) giveAway(world)
    chmodSync(join(world.folder, path), Number.parseInt(mode, 8))
    return undefined
  },
}

/** Plays one command line of a scenario. */
export async function play(world: World, [name = '', ...words]: readonly string[]): Promise<Outcome> {
  const deed = Object.hasOwn(DEEDS, name) ? DEEDS[name] : undefined
  if (deed === undefined) throw new Error(`scenarios know no command "${name}"`)
  const result = await deed(world, words)
  return typeof result === 'object' ? result : { exit: 0, lines: result === undefined ? [] : normalized(world, result) }
}

async function lading(world: World, words: readonly string[]): Promise<Outcome> {
  const argv = words.map((word) => word.replaceAll('STORE', world.address))
  const written: string[] = []
  const output = { write: (text: string) => written.push(text) }
  world.takeCounts()
  const { env, folder: cwd, run } = world
  const isGivenAway = isRoot && ownerOf(world.base) === NOBODY
  if (isGivenAway) process.seteuid?.(NOBODY)
  const exit = await runCli(argv, { stdout: output, stderr: output, env, cwd, run }).finally(() => {
    if (isGivenAway) process.seteuid?.(0)
  })
  return { exit, lines: normalized(world, written.join('')) }
}

/** A build as users start it: a process of its own, with the package as it was built. */
async function vite(world: World, words: readonly string[]): Promise<Outcome> {
  const script = join(root, 'node_modules/vite/bin/vite.js')
  const { folder: cwd } = world
  const env = { PATH: process.env.PATH, NO_COLOR: '1', CI: '1', ...world.env }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { cwd, env, encoding: 'utf8' })
  return { exit: status ?? 1, lines: normalized(world, stdout + stderr) }
}

function tree(folder: string): string {
  if (!existsSync(folder)) return 'no such folder'
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
    .join('\n')
}

const countsText = (world: World): string =>
  Object.entries(world.takeCounts())
    .filter(([, count]) => count > 0)
    .map(([method, count]) => `${method} ${count}`)
    .join(', ') || 'none'

/** What differs between runs, machines and backends, by name; progress, which only a slow machine tells, not at all. */
function normalized(world: World, text: string): string[] {
  if (text === '') return []
  return text
    .replaceAll(`'${world.address}'`, 'STORE') // quoted for a shell, because of its `?`
    .replaceAll(world.address, 'STORE')
    .replaceAll(world.address.replace(/\?.*/, ''), 'STORE')
    .replaceAll(world.folder, 'DIR')
    .replace(/"createdAt":"[^"]+"/g, '"createdAt":"<date>"')
    .replace(/\b[0-9a-f]{64}\b/g, '<sha256>')
    .replace(/\.[a-z2-7]{16}(?=\.|\b)/g, '.<hash>')
    .replace(/\br(\d+)-[a-z2-7]{6}\b/g, 'r$1-<id>')
    .replace(/\b\d+\.\d s\b/g, '<time>')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '<date>')
    .replace(/"ms":[\d.]+/g, '"ms":<time>')
    .replaceAll(/^ {2}\d+\/\d+ files {2}.* of .*\n/gm, '')
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.trimEnd())
}
