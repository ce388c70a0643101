import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { LadingError } from '../../words/errors.ts'

/** A package of a bundle: where its files are on this machine, and where they go. */
export interface Placed {
  /** Absolute, without links. */
  readonly folder: string
  /** In the bundle: `node_modules/sharp`. */
  readonly place: string
}

export interface PackageTarget {
  readonly os: 'linux'
  readonly cpu: string
  readonly libc: 'glibc'
}

const names = v.optional(v.record(v.string(), v.string()), {})
const platforms = v.optional(v.union([v.string(), v.array(v.string())]))

const PACKAGE = v.object({
  name: v.string(),
  version: v.string(),
  dependencies: names,
  optionalDependencies: names,
  os: platforms,
  cpu: platforms,
  libc: platforms,
})

/** The fields of a `package.json` that are needed here. */
export interface PackageFacts {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

type Facts = v.InferOutput<typeof PACKAGE>

export const packageFacts = (folder: string): PackageFacts => read(folder)

function read(folder: string): Facts {
  return v.parse(PACKAGE, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
}

/** The real path of what `import` finds from here: some package managers put a package's dependencies beside that. */
export function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * All dependencies of the roots, laid out for `import`: hoisted to the top, or nested below a package that needs
 * another version than the one there. Packages for other platforms are left out.
 *
 * @param roots packages by name, with their folders
 * @throws E_MISSING_PACKAGE
 */
export function layOutPackages(roots: ReadonlyMap<string, string>, target: PackageTarget): readonly Placed[] {
  const placed = new Map<string, Placed>()
  const add = (name: string, folder: string, below: string): void => {
    if (visible(placed, name, below)?.folder === folder) return
    const place = visible(placed, name, below) ? `${below}node_modules/${name}` : `node_modules/${name}`
    placed.set(place, { folder, place })
  }
  for (const [name, folder] of roots) add(name, folder, '')
  // Iterating a Map also visits entries that are added meanwhile.
  for (const { folder, place } of placed.values()) {
    for (const [name, found] of needsOf(folder, target)) add(name, found, `${place}/`)
  }
  return [...placed.values()]
}

/** What `import` finds from a place of the bundle. */
function visible(placed: ReadonlyMap<string, Placed>, name: string, below: string): Placed | undefined {
  const found = placed.get(`${below}node_modules/${name}`)
  if (found || below === '') return found
  return visible(placed, name, below.slice(0, below.lastIndexOf('node_modules/')))
}

function needsOf(folder: string, target: PackageTarget): readonly (readonly [string, string])[] {
  const { dependencies, optionalDependencies, name: asker } = read(folder)
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    const found = findPackage(name, folder)
    if (found !== undefined) return suits(found, target) ? [[name, found] as const] : []
    if (name in optionalDependencies) return []
    throw missing(name, `${asker} needs it`)
  })
}

function suits(folder: string, { os, cpu, libc }: PackageTarget): boolean {
  const facts = read(folder)
  const fits = (wanted: string | string[] | undefined, have: string): boolean => {
    const list = wanted === undefined ? [] : [wanted].flat()
    if (list.includes(`!${have}`)) return false
    const named = list.filter((one) => !one.startsWith('!'))
    return named.length === 0 || named.includes(have) || named.includes('any')
  }
  return fits(facts.os, os) && fits(facts.cpu, cpu) && fits(facts.libc, libc)
}

export const missing = (name: string, why: string): LadingError =>
  new LadingError('E_MISSING_PACKAGE', `the package ${name} is not installed`, {
    why,
    hint: `npm install --save-dev ${name}`,
  })
