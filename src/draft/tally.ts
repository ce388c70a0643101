import type { Run } from '../line/run.ts'
import type { ReferenceNote, SeenNote } from '../site/layout.ts'
import { ownStrings, type PageResult } from '../site/pages/page-result.ts'

/** What became of the site's references, in numbers; single ones only where somebody has to look at them. */
export interface ReferenceTally {
  readonly counts: Readonly<Record<ReferenceNote['result'], number>>
  /** References that lead nowhere, or out of the site. */
  readonly problems: readonly ReferenceNote[]
  /** Those that were asked for. */
  readonly notes: readonly ReferenceNote[]
  /** Addresses in scripts, where notes were asked for. */
  readonly seen: readonly SeenNote[]
  readonly keeps: KeptNotes
  readonly note: (note: ReferenceNote) => void
  readonly see: (note: SeenNote) => void
  /** Adds the references of a page taken from the cache. */
  readonly add: (page: Pick<PageResult, 'counts' | 'problems'>) => void
}

/** Which references a run keeps a note of, beside those that lead nowhere; a large site has millions. */
export type KeptNotes = 'none' | 'kept' | 'all'

/** What a run that tells references has to keep. */
export const keptFor = ({ tellsReferences }: Run): KeptNotes => (tellsReferences ? 'kept' : 'none')

export function createTally(keeps: KeptNotes): ReferenceTally {
  const counts: Record<ReferenceNote['result'], number> = { moved: 0, kept: 0, missing: 0, outside: 0, other: 0 }
  const problems: ReferenceNote[] = []
  const notes: ReferenceNote[] = []
  const seen: SeenNote[] = []
  return {
    counts,
    problems,
    notes,
    seen,
    keeps,
    note(note) {
      counts[note.result] += 1
      if (note.result === 'missing' || note.result === 'outside') problems.push(ownStrings(note))
      if (keeps === 'all' || keeps === note.result || isTold(note, keeps)) notes.push(ownStrings(note))
    },
    see: (note) => seen.push({ ...note, url: Buffer.from(note.url).toString() }),
    add(page) {
      for (const result of RESULTS) counts[result] += page.counts[result]
      problems.push(...page.problems)
    },
  }
}

/** Notes about pictures are reported along with references that stay. */
const isTold = ({ picture }: ReferenceNote, keeps: KeptNotes): boolean => keeps === 'kept' && picture !== undefined

/** The place of an address that is no reference. */
export const SEEN = 'string in a script'

const RESULTS = ['moved', 'kept', 'missing', 'outside', 'other'] as const
