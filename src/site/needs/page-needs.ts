import { isScript, isStyle } from '../../plan/classify.ts'
import { cssReferences } from '../../rewrite/css/css.ts'
import { htmlReferences } from '../../rewrite/html/html.ts'
import { isPage } from '../../rewrite/keep.ts'
import { withLines } from '../../rewrite/lines.ts'
import type { DocumentReferences } from '../../rewrite/reference.ts'
import { moduleReferences } from '../../rewrite/script/module.ts'
import type { SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import type { Survey } from '../survey.ts'
import { readText } from '../text/text.ts'
import { turns } from '../turn.ts'
import { choicesOf } from './choices.ts'
import { type Files, type Needs, namedFiles, type PageTally, withAllNamed } from './needs.ts'

export interface TallyInput extends Files {
  readonly survey: Pick<Survey, 'files' | 'facts'>
  readonly base: string
  readonly lazyAttributes: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/** Asked for where a page names no icon. https://html.spec.whatwg.org/multipage/links.html#rel-icon */
export const DEFAULT_ICON = 'favicon.ico'

const NOTHING: Needs = { sure: new Set(), all: new Set() }

/**
 * Reads every page, and the style sheets and scripts that it loads, and counts which files it needs.
 * @throws E_SOURCE_CHANGED
 */
export async function tallyPages(input: TallyInput): Promise<PageTally> {
  const { survey, sizeOf } = input
  const files = new Map(survey.files.map((file) => [file.path, file]))
  const namedBy = textReader(input, files)
  const [sure, all, icons] = [new Map<SitePath, number>(), new Map<SitePath, number>(), new Set<SitePath>()]
  const turn = turns(input.signal)
  let [pages, withoutIcon] = [0, 0]
  let first: PageTally['first']
  const unread: SitePath[] = []
  for (const file of survey.files) {
    if (!isPage(file.path) || sizeOf(file.path) === undefined) continue
    await turn()
    const page = readPage(file, input)
    if (page.isUnread) unread.push(file.path)
    for (const icon of page.icons) icons.add(icon)
    if (page.icons.size === 0) withoutIcon += 1
    const needs = withAllNamed(file.path, page.needs, namedBy)
    count(sure, needs.sure)
    count(all, needs.all)
    pages += 1
    if (first === undefined || file.path === 'index.html') first = { path: file.path, needs }
  }
  return { pages, withoutIcon, unread, sure, all, icons, first }
}

interface Page {
  readonly needs: Needs
  readonly icons: ReadonlySet<SitePath>
  readonly isUnread?: boolean
}

function readPage(file: SiteFile, input: TallyInput): Page {
  const page = readNamed(file, input)
  const hasDefaultIcon = input.base === '/' && input.sizeOf(DEFAULT_ICON) !== undefined
  return page.icons.size === 0 && hasDefaultIcon
    ? { ...page, needs: plus(page.needs, DEFAULT_ICON), icons: new Set([DEFAULT_ICON]) }
    : page
}

function readNamed(file: SiteFile, input: TallyInput): Page {
  const text = textOf(file, input)
  if (text === undefined) return { needs: NOTHING, icons: new Set(), isUnread: true }
  const document = htmlReferences(text, { lazyAttributes: input.lazyAttributes })
  const choices = choicesOf(text, document)
  const place = { from: file.path, base: document.base }
  const icons = namedFiles(
    choices.filter(({ isIcon }) => isIcon),
    place,
    input,
  )
  return { needs: namedFiles(choices, place, input), icons: icons.all }
}

/** What a style sheet or a script names, each read once; nothing for files of other kinds. */
function textReader(input: TallyInput, files: ReadonlyMap<SitePath, SiteFile>): (path: SitePath) => Needs {
  const known = new Map<SitePath, Needs>()
  const read = (path: SitePath): Needs => {
    const file = files.get(path)
    const text = file === undefined ? undefined : textOf(file, input)
    if (text === undefined) return NOTHING
    return namedFiles(choicesOf(text, referencesOf(path, text)), { from: path, base: undefined }, input)
  }
  return (path) => {
    if (!isStyle(path) && !isScript(path)) return NOTHING
    const found = known.get(path) ?? read(path)
    known.set(path, found)
    return found
  }
}

function referencesOf(path: SitePath, text: string): DocumentReferences {
  if (isStyle(path)) return cssReferences(text, { context: 'sheet' })
  return { references: withLines(text, moduleReferences(text).references), base: undefined }
}

function textOf(file: SiteFile, { survey }: TallyInput): string | undefined {
  const facts = survey.facts.get(file.path)
  return facts && readText(file, facts)?.text
}

const plus = ({ sure, all }: Needs, path: SitePath): Needs => ({
  sure: new Set([...sure, path]),
  all: new Set([...all, path]),
})

function count(into: Map<SitePath, number>, paths: Iterable<SitePath>): void {
  for (const path of paths) into.set(path, (into.get(path) ?? 0) + 1)
}
