import type { Reference } from '../rewrite/reference.ts'
import type { Resolved } from '../rewrite/resolve.ts'
import type { SitePath } from '../words/model.ts'
import type { SiteFile } from './file.ts'
import { factsOf, type LayoutWork, nameKey, type Outcome } from './layout-work.ts'
import { readText, type TextFile } from './text/text.ts'

/** A style sheet or a script with its references. */
export interface Linked {
  readonly file: SiteFile
  readonly references: readonly LinkedReference[]
}

export interface LinkedReference {
  readonly reference: Reference
  /** The file of the site it names; undefined for everything else. */
  readonly target: SitePath | undefined
  /**
   * For a reference to no known file (a script's answer, another site's folder, something missing) that would lead
   * elsewhere once the text moved: its path on the site's own host.
   */
  readonly home: string | undefined
  /** Query and fragment as written. */
  readonly tail: string
  /** What it leads to, when that is no file of the site. */
  readonly outcome: Outcome
  /** False when the text's encoding cannot write the URL anew. */
  readonly isWritable: boolean
}

/** The text of a file that may move; if it cannot be read, the file is kept, with a warning. */
export function readLinkedText(work: LayoutWork, file: SiteFile): TextFile | undefined {
  const source = readText(file, factsOf(work, file.path))
  if (source !== undefined) return source
  work.kept.set(file.path, 'its text cannot be read (its encoding, or compressed)')
  work.warnings.push({
    code: 'W_ENCODING_SKIPPED',
    message: 'not rewritten: its encoding is not supported',
    items: [file.path],
  })
  return undefined
}

/** Where each reference of a text leads. */
export function link(work: LayoutWork, source: Source, references: readonly Reference[]): Linked {
  return { file: source.file, references: references.map((reference) => follow(work, source, reference)) }
}

/** The other texts that a text references. */
export function linksOf(texts: ReadonlyMap<SitePath, Linked>, path: SitePath): SitePath[] {
  const targets = texts.get(path)?.references.map(({ target }) => target) ?? []
  return targets.filter((target) => target !== undefined && texts.has(target)) as SitePath[] // undefined was filtered
}

export interface Source {
  readonly file: SiteFile
  readonly source: TextFile
}

function follow(work: LayoutWork, { file, source }: Source, reference: Reference): LinkedReference {
  const resolved = work.resolver.resolve(reference.url, file.path)
  const target = resolved.kind === 'file' || resolved.kind === 'key' ? resolved.path : undefined
  const tail = 'query' in resolved ? resolved.query + resolved.fragment : ''
  return {
    reference,
    target,
    home: target === undefined ? homeOf(work, reference, resolved) : undefined,
    tail,
    outcome: target === undefined ? outcomeOf(work, resolved) : NAMES_A_FILE,
    isWritable: source.holds(tail),
  }
}

/** On the same origin a root-relative path means the same everywhere. */
function homeOf({ policy }: LayoutWork, { url }: Reference, resolved: Resolved): string | undefined {
  if (policy.sameOrigin && /^[/\\]/.test(url)) return undefined
  return 'address' in resolved ? resolved.address : undefined
}

/** Depends on what becomes of the file, which is not known yet. */
const NAMES_A_FILE: Outcome = { result: 'other', target: undefined, detail: '' }

function outcomeOf(work: LayoutWork, resolved: Resolved): Outcome {
  switch (resolved.kind) {
    case 'key':
      return nameKey(work, resolved.key)
    case 'missing':
      return { result: 'missing', target: undefined, detail: resolved.path }
    case 'outside':
      return { result: 'outside', target: undefined, detail: '' }
    default:
      return { result: 'other', target: undefined, detail: '' }
  }
}
