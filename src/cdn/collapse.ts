/** Wildcards that may be in progress. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAX_WILDCARDS = 15

interface Folder {
  /** Ends with `/`. */
  readonly path: string
  readonly depth: number
  /** What is sent for the names in it: their paths, or wildcards that were given. */
  readonly items: Set<string>
  readonly folders: Map<string, Folder>
  /** Sent as one wildcard. */
  isCollapsed: boolean
}

/** What is sent for a folder and all below it. */
interface Weight {
  readonly items: number
  readonly wildcards: number
}

interface Choice {
  readonly folder: Folder
  /** Items that no deeper folder holds together with others. */
  readonly held: number
  readonly wildcards: number
}

/**
 * At most `budget` paths, at most 15 of them wildcards, that cover every path given. While there are too many, the
 * folder that holds most of them becomes `/dir/*`; among equals the deepest; `/*` only when no other folder helps. A
 * folder's count leaves out subfolders that have two or more items of their own, so that a folder above all others is
 * not the first to be collapsed.
 *
 * @param paths start with `/`; one that ends with `*` is a wildcard already
 */
export function collapsePaths(paths: readonly string[], budget: number): readonly string[] {
  const root = treeOf(paths)
  const most = Math.max(1, budget)
  for (;;) {
    const choices: Choice[] = []
    const total = weigh(root, choices)
    if (total.items <= most && total.wildcards <= MAX_WILDCARDS) return list(root).sort()
    collapse(best(choices, total) ?? root)
  }
}

function treeOf(paths: readonly string[]): Folder {
  const root = newFolder('/', 0)
  for (const path of paths) {
    let folder = root
    for (let from = 1; ; ) {
      const slash = path.indexOf('/', from)
      if (slash === -1) break
      folder = childOf(folder, path.slice(0, slash + 1))
      from = slash + 1
    }
    folder.items.add(path)
  }
  return root
}

function childOf(folder: Folder, path: string): Folder {
  const found = folder.folders.get(path)
  if (found) return found
  const child = newFolder(path, folder.depth + 1)
  folder.folders.set(path, child)
  return child
}

function newFolder(path: string, depth: number): Folder {
  return { path, depth, items: new Set(), folders: new Map(), isCollapsed: false }
}

/** Adds every folder that could be collapsed, the root excepted, to `choices`. */
function weigh(folder: Folder, choices: Choice[]): Weight {
  if (folder.isCollapsed) return { items: 1, wildcards: 1 }
  let items = folder.items.size
  let held = items
  let wildcards = 0
  for (const item of folder.items) if (isWildcard(item)) wildcards += 1
  for (const child of folder.folders.values()) {
    const below = weigh(child, choices)
    items += below.items
    wildcards += below.wildcards
    if (below.items === 1) held += 1
  }
  if (items > 1 && folder.depth > 0) choices.push({ folder, held, wildcards })
  return { items, wildcards }
}

function best(choices: readonly Choice[], total: Weight): Folder | undefined {
  // A wildcard more is fine while there is room for it; otherwise it has to replace some.
  const allowed = choices.filter(
    ({ wildcards }) =>
      total.wildcards - wildcards + 1 <= MAX_WILDCARDS || (wildcards > 1 && total.wildcards > MAX_WILDCARDS),
  )
  let found: Choice | undefined
  for (const choice of allowed) if (found === undefined || isBetter(choice, found)) found = choice
  return found?.folder
}

function isBetter(a: Choice, b: Choice): boolean {
  if (a.held !== b.held) return a.held > b.held
  if (a.folder.depth !== b.folder.depth) return a.folder.depth > b.folder.depth
  return a.folder.path < b.folder.path
}

function collapse(folder: Folder): void {
  folder.isCollapsed = true
  folder.items.clear()
  folder.folders.clear()
}

function list(folder: Folder): string[] {
  if (folder.isCollapsed) return [`${folder.path}*`]
  return [...folder.items, ...[...folder.folders.values()].flatMap(list)]
}

const isWildcard = (path: string): boolean => path.endsWith('*')
