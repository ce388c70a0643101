import { hash } from 'node:crypto'
import { posix } from 'node:path'
import { isScript, isStyle } from '../../plan/classify.ts'
import { treeKey } from '../../plan/naming.ts'
import { whyKept } from '../../rewrite/policy.ts'
import type { SitePath } from '../../words/model.ts'
import { contentTypeOf } from '../content-type/content-type.ts'
import type { SiteFile } from '../file.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'
import { type Linked, linksOf } from '../linked.ts'
import { lookupFolder, needsNeighbours } from './script-neighbours.ts'
import { spreadStays } from './script-stays.ts'
import type { Script } from './scripts.ts'

/** A folder that moves as a whole, as it is, because scripts in it look for their neighbours. */
export interface Tree {
  /** Ends with `/`. */
  readonly root: SitePath
  readonly files: readonly SiteFile[]
}

/** The largest folder that is copied for the sake of a script: files, and bytes. */
const MOST_FILES = 500
const MOST_BYTES = 50_000_000

export interface Forest {
  readonly scripts: ReadonlyMap<SitePath, Script>
  readonly sheets: ReadonlyMap<SitePath, Linked>
  /** Grows by the scripts whose folder cannot move, and by what stays with them. */
  readonly stays: Map<SitePath, string>
}

/** Folders of scripts that look for their neighbours. One that stays may keep others: repeats until nothing changes. */
export function planTrees(work: LayoutWork, forest: Forest): Tree[] {
  const { scripts, stays } = forest
  const seeds = [...scripts.values()].filter((script) => needsNeighbours(work, script))
  for (;;) {
    const before = stays.size
    const trees = new Map<SitePath, Tree>()
    for (const seed of seeds) {
      const { file } = seed
      if (stays.has(file.path)) continue
      const root = rootOf(seed, scripts)
      const files = work.input.files.filter(({ path }) => path.startsWith(root))
      const reason = whyTreeStays(work, { root, files }, forest)
      if (reason === undefined) trees.set(root, { root, files })
      else stays.set(file.path, reason)
    }
    if (stays.size === before) return outermost([...trees.values()])
    spreadStays(work, scripts, stays)
  }
}

/** Without trees inside other trees, which move with them: moved once more, their scripts would run twice. */
function outermost(trees: readonly Tree[]): Tree[] {
  return trees.filter(({ root }) => !trees.some((other) => other.root !== root && root.startsWith(other.root)))
}

/** The innermost folder around everything that is linked with this script, in either direction; empty is the site's root. */
function rootOf(seed: Script, scripts: ReadonlyMap<SitePath, Script>): SitePath {
  let root = lookupFolder(seed)
  for (;;) {
    const grown = [...scripts.values()].reduce((folder, script) => {
      const linked = [script.file.path, ...linksOf(scripts, script.file.path)]
      const isLinked = linked.some((each) => each.startsWith(folder))
      // the base of a look-up may come from another module than the one that makes it
      return isLinked ? [lookupFolder(script), ...linked].reduce(commonFolder, folder) : folder
    }, root)
    if (grown === root) return root
    root = grown
  }
}

function commonFolder(folder: SitePath, path: SitePath): SitePath {
  let common = folder
  while (!path.startsWith(common)) common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1)
  return common
}

function whyTreeStays(work: LayoutWork, { root, files }: Tree, { scripts, sheets, stays }: Forest): string | undefined {
  const lookups = 'it looks for its neighbours'
  if (root === '') return `${lookups}, which are the whole site`
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  if (files.length > MOST_FILES || bytes > MOST_BYTES) return `${lookups}, and ${root} holds too much to be copied`
  for (const file of files) {
    const { path } = file
    if (!canLieBeside(work, file)) return `${lookups}, and ${path} works only at its own path`
    const reason = stays.get(path)
    if (reason !== undefined) return `${lookups}, and ${path} stays: ${reason}`
    const leaves = whyTextLeaves(work, root, { path, text: scripts.get(path) ?? sheets.get(path) })
    if (leaves !== undefined) return `${lookups}, and ${path} ${leaves}`
  }
  return undefined
}

interface Text {
  readonly path: SitePath
  readonly text: Linked | undefined
}

/** Why a text in a tree would name, or need, what is not in it. */
function whyTextLeaves({ policy }: LayoutWork, root: SitePath, { path, text }: Text): string | undefined {
  if (text === undefined) return isScript(path) || isStyle(path) ? 'cannot be read' : undefined
  for (const entry of text.references) {
    const { reference, target } = entry
    if (!staysWithin(root, entry)) return `names ${reference.url}, which is not beside it`
    const kept = target === undefined ? undefined : whyKept(reference, policy)
    if (kept !== undefined) return `names ${target}, which stays: ${kept}`
  }
  return undefined
}

const BESIDE: ReadonlySet<string> = new Set(['style', 'asset', 'script', 'bundle', 'other'])

function canLieBeside({ classes, isKept }: LayoutWork, { path, originOnly }: SiteFile): boolean {
  return !originOnly && !isKept(path) && BESIDE.has(classes.get(path) ?? '')
}

/** Named relatively, and lying in the same folder; or not of this site. */
function staysWithin(root: SitePath, { reference, target, home }: Linked['references'][number]): boolean {
  if (target === undefined) return home === undefined
  return target.startsWith(root) && !/^(?:[/\\]|[a-z][a-z0-9+.-]*:)/i.test(reference.url)
}

/**
 * Scripts are referenced by their copy in the tree, so that each is loaded once, and so are the style sheets that they
 * load later unless the page has them; other files are only copied there.
 */
export function moveTree(work: LayoutWork, { files }: Tree, texts: Pick<Forest, 'scripts' | 'sheets'>): void {
  const parts = files.map(({ path }) => {
    const facts = factsOf(work, path)
    return `${path}\n${facts.sha256}\n${contentTypeOf(path, facts).value}`
  })
  const name = hash('sha256', parts.sort().join('\n'))
  const later = loadedLater(files, texts)
  for (const file of files) work.moveTo(treeKey(name, file.path), file, isScript(file.path) || later.has(file.path))
}

/** Not those that other style sheets name, which have their names by now. */
function loadedLater(files: Tree['files'], { scripts, sheets }: Pick<Forest, 'scripts' | 'sheets'>): Set<SitePath> {
  const found = new Set<SitePath>()
  for (const { path } of files) {
    for (const url of scripts.get(path)?.sheets ?? []) found.add(posix.join(posix.dirname(path), url))
  }
  if (found.size === 0) return found
  for (const { references } of sheets.values()) for (const { target } of references) found.delete(target ?? '')
  return found
}
