import { bundleKey } from '../../plan/naming.ts'
import { corsUnset } from '../../rewrite/policy.ts'
import type { SitePath } from '../../words/model.ts'
import { type LayoutWork, whyUnmoved } from '../layout-work.ts'
import { linksOf } from '../linked.ts'
import type { PageHints } from '../pages/page-hints.ts'
import { canNameHome, isEmitted, isNeverEdited, whyEmittedStays, whyLinksKeep } from '../rename.ts'
import { lookupFolder, needsNeighbours } from './script-neighbours.ts'
import type { Script } from './scripts.ts'

interface Surroundings {
  readonly scripts: ReadonlyMap<SitePath, Script>
  readonly hints: PageHints
}

/** Why a script stays at its own path, whatever becomes of the others. */
export function whyScriptStays(work: LayoutWork, script: Script, { scripts, hints }: Surroundings): string | undefined {
  const { path } = script.file
  if (work.isKept(path)) return '`keep` names it'
  if (!MOVABLE.has(work.classes.get(path) ?? '')) return whyUnmoved(work, path)
  return (
    whyByNature(work, script) ?? hints.whyModuleStays(path, script.scan.isModule) ?? whyByLinks(work, script, scripts)
  )
}

const MOVABLE: ReadonlySet<string> = new Set(['script', 'bundle'])

function whyByNature({ policy }: LayoutWork, { traits, scan, references }: Script): string | undefined {
  if (traits.worker && !policy.sameOrigin) return 'it starts workers, which must come from the site itself'
  if (traits.importScripts) return 'it loads scripts into a worker, relative to itself'
  if (traits.ownTag || (traits.currentScript && !scan.isModule)) {
    return 'it asks its own tag where it lies (document.currentScript, or the list of scripts)'
  }
  if (traits.systemModule) return 'it is a module of SystemJS, which imports others relative to itself'
  if (scan.unknown !== undefined) return scan.unknown
  const imports = scan.isModule || scan.lookups !== undefined || references.length > 0
  if (!imports || policy.sameOrigin || policy.cors) return undefined
  return `modules load from another host only with CORS, and ${corsUnset(policy.url)}`
}

function whyByLinks(work: LayoutWork, script: Script, scripts: Surroundings['scripts']): string | undefined {
  if (!isEmitted(work, script) || needsNeighbours(work, script))
    return whyLinksKeep(work, script, new Set(scripts.keys()))
  return whyEmittedStays(work, script, (path) => {
    const other = scripts.get(path)
    return other !== undefined && isEmitted(work, other) ? bundleKey(path) : work.moved.get(path)?.key
  })
}

/**
 * Propagates staying along the import graph until nothing changes: what a staying module imports, or may import, stays
 * too, and so does what names one, unless it can name it by the site's own address.
 */
export function spreadStays(
  work: LayoutWork,
  scripts: ReadonlyMap<SitePath, Script>,
  stays: Map<SitePath, string>,
): void {
  const namedBy = importers(scripts)
  const queue = [...stays.keys()]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const spread = [
      ...downwards(scripts, path),
      ...blindly(scripts, path),
      ...upwards(work, namedBy.get(path) ?? [], [path, stays.get(path)]),
    ]
    for (const [next, reason] of spread) {
      if (stays.has(next)) continue
      stays.set(next, reason)
      queue.push(next)
    }
  }
}

type Reason = readonly [path: SitePath, reason: string]

function downwards(scripts: ReadonlyMap<SitePath, Script>, path: SitePath): Reason[] {
  const reason = `${path} imports it and stays; loaded from two addresses it would run twice`
  return linksOf(scripts, path).map((target) => [target, reason])
}

/** What it may import by a computed specifier. */
function blindly(scripts: ReadonlyMap<SitePath, Script>, path: SitePath): Reason[] {
  const script = scripts.get(path)
  if (script?.scan.computes === undefined || script.traits.importScripts) return []
  const folder = script.scan.computes === 'anywhere' ? '' : lookupFolder(script)
  const reason = `${path} stays and may import it; loaded from two addresses it would run twice`
  const modules = [...scripts.values()].filter(({ scan }) => scan.isModule).map(({ file }) => file.path)
  return modules.filter((each) => each !== path && each.startsWith(folder)).map((each) => [each, reason])
}

function upwards(work: LayoutWork, namedBy: readonly Script[], [path, why]: [SitePath, string | undefined]): Reason[] {
  const reason = `it names ${path}, which stays: ${why}`
  const canNameIt = (script: Script): boolean =>
    canNameHome(work) && script.scan.lookups === undefined && !isNeverEdited(work, script)
  return namedBy.filter((script) => !canNameIt(script)).map(({ file }) => [file.path, reason])
}

function importers(scripts: ReadonlyMap<SitePath, Script>): Map<SitePath, Script[]> {
  const namedBy = new Map<SitePath, Script[]>()
  for (const script of scripts.values()) {
    for (const { target } of script.references) {
      if (target === undefined) continue
      const list = namedBy.get(target)
      if (list === undefined) namedBy.set(target, [script])
      else list.push(script)
    }
  }
  return namedBy
}
