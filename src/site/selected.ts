import { isScript, isStyle } from '../plan/classify.ts'
import { assetKey, bundleKey } from '../plan/naming.ts'
import { type AddressSelector, addressSelectors, losesFile } from '../rewrite/address-selectors.ts'
import type { Key, SitePath } from '../words/model.ts'
import { factsOf, type LayoutWork } from './layout-work.ts'
import { readText } from './text/text.ts'

interface Watch extends AddressSelector {
  /** The script or style sheet that has it. */
  readonly from: SitePath
}

/** Classes whose files get another name. */
const RENAMED: ReadonlySet<string> = new Set(['asset', 'style', 'script', 'well-known'])

/** Keeps what scripts and style sheets find by an address that its new name would no longer fit. */
export function keepSelected(work: LayoutWork): void {
  const watches = readWatches(work)
  if (watches.length === 0) return
  const has = (path: SitePath): boolean => work.files.has(path)
  for (const { path } of work.input.files) {
    const fileClass = work.classes.get(path) ?? 'other'
    // scripts of a bundler find each other as they did
    const isSheet = fileClass === 'bundle' && isStyle(path) && !work.input.build?.rewritten
    if (!RENAMED.has(fileClass) && !isSheet) continue
    // any key of the file will do
    const key = (): Key => (isSheet ? bundleKey(path) : assetKey(path, { sha256: '', headers: {} }))
    const watch = watches.find((each) => losesFile(each, path, { key, has }))
    if (watch === undefined) continue
    work.classes.set(path, 'root')
    work.kept.set(path, `${watch.from} looks for it by its address: ${watch.text}`)
  }
}

function readWatches(work: LayoutWork): Watch[] {
  const found = new Map<string, Watch>()
  for (const file of work.input.files) {
    const { path, originOnly } = file
    if (originOnly || !(isScript(path) || isStyle(path))) continue
    const facts = factsOf(work, path)
    const read = () => ({ references: [], facts: addressSelectors(readText(file, facts)?.text ?? '') })
    for (const selector of work.texts.recall('selectors', facts.sha256, read).facts) {
      if (!found.has(selector.text)) found.set(selector.text, { ...selector, from: path })
    }
  }
  return [...found.values()]
}
