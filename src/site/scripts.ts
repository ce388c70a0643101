import type { SitePath } from '../model.ts'
import { isScript } from '../plan/classify.ts'
import { stronglyConnected } from '../rewrite/graph.ts'
import { withLines } from '../rewrite/lines.ts'
import { type ModuleScan, moduleReferences } from '../rewrite/module.ts'
import { type ScriptTraits, scriptTraits } from '../rewrite/script.ts'
import type { SiteFile } from './file.ts'
import { factsOf, type LayoutWork } from './layout-work.ts'
import { type Linked, link, linksOf, readLinkedText } from './linked.ts'
import { pageHints } from './page-hints.ts'
import { moveGroup, noteLinked } from './rename.ts'
import { spreadStays, whyScriptStays } from './script-stays.ts'
import { moveTree, planTrees } from './script-tree.ts'
import type { ReadText } from './text-memory.ts'

/** A script with what it names and what it does. */
export interface Script extends Linked {
  readonly scan: Pick<ModuleScan, 'isModule' | 'lookups' | 'unknown'>
  readonly traits: ScriptTraits
}

/** What a build plugin of ours has named is right already; everything else is looked into. */
export function isLinkedScript({ classes, input }: LayoutWork, { path }: SiteFile): boolean {
  return isScript(path) && !(classes.get(path) === 'bundle' && input.build?.rewritten)
}

/**
 * Gives every script that may move its bytes and its key. Scripts whose references can all be seen are renamed, leaves
 * first; those that look for their neighbours move with their folder, as they are. The rest stays, and with it what it
 * imports: a module that came from two addresses would run twice.
 */
export function layOutScripts(work: LayoutWork, sheets: ReadonlyMap<SitePath, Linked>): void {
  const scripts = readScripts(work)
  const stays = new Map<SitePath, string>()
  const hints = [...scripts.values()].some(({ scan }) => scan.isModule) ? pageHints(work) : undefined
  for (const [path, script] of scripts) {
    const reason = whyScriptStays(work, script, { scripts, hints })
    if (reason !== undefined) stays.set(path, reason)
  }
  spreadStays(work, scripts, stays)
  for (const tree of planTrees(work, { scripts, sheets, stays })) moveTree(work, tree)
  for (const [path, reason] of stays) if (!work.isKept(path)) work.kept.set(path, reason)
  const rest = new Map([...scripts].filter(([path]) => !stays.has(path) && !work.moved.has(path)))
  for (const group of stronglyConnected([...rest.keys()], (path) => linksOf(rest, path))) {
    moveGroup(
      work,
      group.flatMap((path) => rest.get(path) ?? []),
      rest,
    )
  }
  for (const script of scripts.values()) noteLinked(work, script)
}

/** Scripts that may move, and those that `keep` names, because what they import stays with them. */
function readScripts(work: LayoutWork): Map<SitePath, Script> {
  const scripts = new Map<SitePath, Script>()
  for (const file of work.input.files) {
    const fileClass = work.classes.get(file.path)
    const isMovable = fileClass === 'script' || fileClass === 'bundle'
    if (file.originOnly || !isLinkedScript(work, file) || !(isMovable || work.isKept(file.path))) continue
    const source = readLinkedText(work, file)
    if (source === undefined) continue
    const { sha256 } = factsOf(work, file.path)
    const { references, facts } = work.texts.recall('script', sha256, () => readScript(source.text))
    scripts.set(file.path, { ...link(work, { file, source }, references), ...facts })
  }
  return scripts
}

function readScript(text: string): ReadText<Pick<Script, 'scan' | 'traits'>> {
  const { references, isModule, lookups, unknown } = moduleReferences(text)
  return {
    references: withLines(text, references),
    facts: { scan: { isModule, lookups, unknown }, traits: scriptTraits(text) },
  }
}
