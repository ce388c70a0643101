import type { ReferenceNote } from '../site/layout.ts'
import { ownStrings, type PageResult } from '../site/page-result.ts'

/** What became of the site's references, in numbers; single ones only where somebody has to look at them. */
export interface ReferenceTally {
  readonly counts: Readonly<Record<ReferenceNote['result'], number>>
  /** References that lead nowhere, or out of the site. */
  readonly problems: readonly ReferenceNote[]
  /** Every reference, where that was asked for; a large site has millions. */
  readonly all: readonly ReferenceNote[]
  readonly keepsAll: boolean
  readonly note: (note: ReferenceNote) => void
  /** The references of a page that was not looked at again. */
  readonly add: (page: Pick<PageResult, 'counts' | 'problems'>) => void
}

export function createTally({ keepsAll }: { readonly keepsAll: boolean }): ReferenceTally {
  const counts: Record<ReferenceNote['result'], number> = { moved: 0, kept: 0, missing: 0, outside: 0, other: 0 }
  const problems: ReferenceNote[] = []
  const all: ReferenceNote[] = []
  return {
    counts,
    problems,
    all,
    keepsAll,
    note(note) {
      counts[note.result] += 1
      if (note.result === 'missing' || note.result === 'outside') problems.push(ownStrings(note))
      if (keepsAll) all.push(note)
    },
    add(page) {
      for (const result of RESULTS) counts[result] += page.counts[result]
      problems.push(...page.problems)
    },
  }
}

const RESULTS = ['moved', 'kept', 'missing', 'outside', 'other'] as const
