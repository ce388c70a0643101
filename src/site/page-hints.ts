import type { SitePath } from '../model.ts'
import { htmlReferences } from '../rewrite/html.ts'
import { decodePath } from '../rewrite/url.ts'
import type { SiteFile } from './file.ts'
import { factsOf, type LayoutWork } from './layout-work.ts'
import { readText } from './text.ts'

/** What pages say about modules that the modules do not know themselves. */
export interface PageHints {
  /** Why this script must keep its address; undefined when no page says so. */
  whyModuleStays(path: SitePath): string | undefined
}

/** Without one of these words a page says nothing about modules beyond naming them. */
const TELLING = /importmap|\bimport\s*\(|content-security-policy/i

/** Whether a page needs no look for what it says about modules. */
export const isSilentAboutModules = (text: string): boolean => !TELLING.test(text)

interface Heard {
  /** A file, or a folder with its `/`, and why what lies there must keep its address. */
  readonly addresses: Map<SitePath, string>
  opaque: string | undefined
}

/**
 * Reads the pages that have import maps or inline scripts with imports. An import map gives addresses another meaning;
 * an inline script that imports what it computes loads modules from the site, and a module that is loaded from two
 * addresses runs twice.
 */
export function pageHints(work: LayoutWork): PageHints {
  const heard: Heard = { addresses: new Map(), opaque: undefined }
  for (const file of work.input.files) {
    if (work.classes.get(file.path) === 'page') listen(work, file, heard)
  }
  const { addresses, opaque } = heard
  const folders = [...addresses].filter(([address]) => address === '' || address.endsWith('/'))
  return {
    whyModuleStays: (path) => opaque ?? addresses.get(path) ?? folders.find(([folder]) => path.startsWith(folder))?.[1],
  }
}

function listen(work: LayoutWork, file: SiteFile, heard: Heard): void {
  const { path } = file
  const facts = factsOf(work, path)
  if (work.input.memory?.isSilent(path, facts.sha256)) return
  const text = readText(file, facts)?.text ?? ''
  if (isSilentAboutModules(text)) return
  const document = htmlReferences(text)
  if (document.opaque !== undefined) heard.opaque ??= `${path} ${document.opaque}`
  const keep = (url: string, base: string | undefined, reason: string): void => {
    const address = pathOf(work, url, [path, base ?? document.base])
    if (address !== undefined) heard.addresses.set(address, reason)
  }
  for (const key of document.importMapKeys ?? []) {
    keep(key, undefined, `the import map of ${path} gives its address another meaning`)
  }
  for (const { frozen, use, url, base } of document.references) {
    const isFixed = frozen !== undefined && (use === 'import' || use === 'import-map')
    if (isFixed) keep(url, base, `${path} names it in a block that may not be edited`)
  }
}

/** The site's path that an address leads to, whether a file lies there or not; a folder ends with `/` or is empty. */
function pathOf(
  { resolver, input }: LayoutWork,
  url: string,
  [from, base]: [SitePath, string | undefined],
): SitePath | undefined {
  const resolved = resolver.resolve(url, from, base)
  if (resolved.kind === 'file' || resolved.kind === 'missing' || resolved.kind === 'key') return resolved.path
  if (resolved.kind !== 'host') return undefined
  const { base: root } = input
  return resolved.address.startsWith(root) ? decodePath(resolved.address.slice(root.length)) : undefined
}
