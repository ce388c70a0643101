import { isScript, isStyle } from '../../plan/classify.ts'
import type { ReferenceUse } from '../../rewrite/reference.ts'
import type { Digest, Key, SitePath } from '../../words/model.ts'
import type { ReferenceNote } from '../layout.ts'

export type Counts = Readonly<Record<ReferenceNote['result'], number>>

/** What became of a page, without its text: all that the rest of a run needs to know. */
export interface PageResult {
  readonly path: SitePath
  /** The bytes that go out; undefined when they are the file's own. */
  readonly made: { readonly sha256: Digest; readonly size: number } | undefined
  readonly edits: number
  readonly isUnreadable: boolean
  /** It says nothing about modules beyond naming them. */
  readonly isSilent: boolean
  readonly counts: Counts
  /** References that lead nowhere, or out of the site. */
  readonly problems: readonly ReferenceNote[]
  /** Keys it names whose file is gone. */
  readonly lingering: readonly Key[]
  /** What its moved references are used for. */
  readonly uses: readonly ReferenceUse[]
  /** Of each of its pictures, one variant. */
  readonly variants: readonly Key[]
  /** Its pictures that show former bytes of an image: `index.html:3 photo.jpg`. */
  readonly oldPictures: readonly string[]
  /** Style sheets and scripts it names. */
  readonly texts: readonly SitePath[]
  /** Of its own `<meta>`. */
  readonly policies: readonly string[]
}

export interface PageTally {
  note(note: ReferenceNote): void
  result(
    rest: Pick<PageResult, 'made' | 'edits' | 'isUnreadable' | 'isSilent' | 'policies' | 'variants' | 'oldPictures'>,
  ): PageResult
}

/** Adds up what became of the references of one page. */
export function tallyPage(path: SitePath): PageTally {
  const counts: Record<ReferenceNote['result'], number> = { moved: 0, kept: 0, missing: 0, outside: 0, other: 0 }
  const problems: ReferenceNote[] = []
  const lingering = new Set<Key>()
  const uses = new Set<ReferenceUse>()
  const texts = new Set<SitePath>()
  return {
    note(note) {
      counts[note.result] += 1
      if (note.result === 'missing' || note.result === 'outside') problems.push(ownStrings(note))
      if (note.target !== undefined && (isStyle(note.target) || isScript(note.target))) texts.add(note.target)
      if (note.result !== 'moved') return
      uses.add(note.use)
      if (note.target === undefined) lingering.add(note.detail)
    },
    result: (rest) => ({
      path,
      counts,
      problems,
      lingering: [...lingering],
      uses: [...uses],
      texts: [...texts],
      ...rest,
    }),
  }
}

/** A slice of a page keeps the whole page in memory; a copy does not. */
export function ownStrings(note: ReferenceNote): ReferenceNote {
  return { ...note, url: Buffer.from(note.url).toString(), detail: Buffer.from(note.detail).toString() }
}
