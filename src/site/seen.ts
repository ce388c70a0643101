import { isScript } from '../plan/classify.ts'
import { type SeenAddress, seenInPage, seenInScript } from '../rewrite/seen.ts'
import type { SiteFile } from './file.ts'
import type { SeenNote } from './layout.ts'
import { factsOf, type LayoutWork } from './layout-work.ts'
import { readText } from './text/text.ts'
import { turns } from './turn.ts'

/** Reports every string in a script, or in the scripts of a page, that is the address of a moved file. */
export async function lookIntoScripts(work: LayoutWork, onSeen: (note: SeenNote) => void): Promise<void> {
  const turn = turns(work.input.signal)
  for (const file of work.input.files) {
    const isPage = work.classes.get(file.path) === 'page'
    if (file.originOnly || !(isPage || isScript(file.path))) continue
    await turn()
    const text = readText(file, factsOf(work, file.path))?.text
    if (text === undefined) continue
    for (const note of isPage ? inPage(work, file, text) : inScript(work, file, text)) onSeen(note)
  }
}

function inPage(work: LayoutWork, { path }: SiteFile, text: string): SeenNote[] {
  const { addresses, base } = seenInPage(text)
  return addresses.flatMap((seen) => leadTo(work, seen, { from: path, places: [[path, base]] }))
}

/** Which pages load a script is not known: an address is tried from the root of the site, and from the script's folder. */
function inScript(work: LayoutWork, { path }: SiteFile, text: string): SeenNote[] {
  return seenInScript(text).flatMap((seen) => leadTo(work, seen, { from: path, places: [[ROOT], [path]] }))
}

/** Stands for any page in the site's root. */
const ROOT = 'index.html'

interface Places {
  readonly from: string
  /** Documents, and their bases, against which the address may resolve. */
  readonly places: readonly (readonly [path: string, base?: string | undefined])[]
}

function leadTo({ resolver, moved }: LayoutWork, { url, line }: SeenAddress, { from, places }: Places): SeenNote[] {
  for (const [path, base] of places) {
    const resolved = resolver.resolve(url, path, base)
    const file = resolved.kind === 'file' ? moved.get(resolved.path) : undefined
    if (file !== undefined) return [{ from, line, url, target: file.path, key: file.key }]
  }
  return []
}
