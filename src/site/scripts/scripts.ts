import { isScript } from '../../plan/classify.ts'
import { laterSheets } from '../../rewrite/address-selectors.ts'
import { stronglyConnected } from '../../rewrite/graph.ts'
import { isServiceWorker } from '../../rewrite/keep.ts'
import { withLines } from '../../rewrite/lines.ts'
import { type ModuleScan, moduleReferences } from '../../rewrite/script/module.ts'
import { type ScriptTraits, scriptTraits } from '../../rewrite/script/script.ts'
import type { SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import { factsOf, isNowhere, type LayoutWork } from '../layout-work.ts'
import { type Linked, link, linksOf, readLinkedText } from '../linked.ts'
import { pageHints } from '../pages/page-hints.ts'
import { moveGroup, noteLinked } from '../rename.ts'
import { readText } from '../text/text.ts'
import type { ReadText } from '../text/text-memory.ts'
import { spreadStays, whyScriptStays } from './script-stays.ts'
import { moveTree, planTrees } from './script-tree.ts'

/** A script with what it names and what it does. */
export interface Script extends Linked {
  readonly scan: Omit<ModuleScan, 'references' | 'bareNames'>
  readonly traits: ScriptTraits
  /** Style sheets that it loads later, by addresses relative to it. */
  readonly sheets: readonly string[]
}

/** Scripts that a build plugin of ours has rewritten need no more work; all others are parsed. */
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
  const hints = pageHints(work)
  for (const [path, script] of scripts) {
    const reason = whyScriptStays(work, script, { scripts, hints })
    if (reason !== undefined) stays.set(path, reason)
  }
  spreadStays(work, scripts, stays)
  for (const tree of planTrees(work, { scripts, sheets, stays })) moveTree(work, tree, { scripts, sheets })
  for (const [path, reason] of stays) if (isMovable(work, path)) work.kept.set(path, reason)
  const rest = new Map([...scripts].filter(([path]) => !stays.has(path) && !work.moved.has(path)))
  for (const group of stronglyConnected([...rest.keys()], (path) => linksOf(rest, path))) {
    moveGroup(
      work,
      group.flatMap((path) => rest.get(path) ?? []),
      rest,
    )
  }
  for (const script of scripts.values()) {
    if (isMovable(work, script.file.path) || work.isKept(script.file.path)) noteLinked(work, script)
  }
}

function isMovable({ classes }: LayoutWork, path: SitePath): boolean {
  const fileClass = classes.get(path)
  return fileClass === 'script' || fileClass === 'bundle'
}

/** Scripts that may move, and those that never do but run in pages, because what they import stays with them. */
function readScripts(work: LayoutWork): Map<SitePath, Script> {
  const scripts = new Map<SitePath, Script>()
  for (const file of work.input.files) {
    const { path } = file
    if (!isLinkedScript(work, file) || isNowhere(work, path) || isServiceWorker(path)) continue
    const source = isMovable(work, path) ? readLinkedText(work, file) : readText(file, factsOf(work, path))
    if (source === undefined) continue
    const { sha256 } = factsOf(work, path)
    const { references, facts } = work.texts.recall('script', sha256, () => readScript(source.text))
    scripts.set(path, { ...link(work, { file, source }, references), ...facts })
  }
  return scripts
}

function readScript(text: string): ReadText<Pick<Script, 'scan' | 'traits' | 'sheets'>> {
  const { references, bareNames: _, ...scan } = moduleReferences(text)
  return {
    references: withLines(text, references),
    facts: { scan, traits: scriptTraits(text), sheets: laterSheets(text).beside },
  }
}
