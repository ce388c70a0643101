import { htmlReferences } from '../../rewrite/html/html.ts'
import { createLocate, type Locate } from '../../rewrite/locate.ts'
import type { ReferenceUse } from '../../rewrite/reference.ts'
import { decodePath } from '../../rewrite/url.ts'
import type { SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'
import { readText } from '../text/text.ts'

/** What pages say about modules that the modules do not know themselves. */
export interface PageHints {
  /**
   * Why this script must keep its address; undefined when no page says so.
   * @param isModule its code says that it is one; a module may also have neither imports nor exports
   */
  whyModuleStays(path: SitePath, isModule: boolean): string | undefined
}

/** Without one of these words a page says nothing about modules beyond naming them. */
const TELLING = /importmap|\bimport\s*\(|content-security-policy/i

/** Whether a page has no effect on modules beyond naming them, so that it need not be parsed. */
export const isSilentAboutModules = (text: string): boolean => !TELLING.test(text)

interface Heard {
  /** A file, or a folder with its `/`, and why what lies there must keep its address. */
  readonly addresses: Map<SitePath, string>
  opaque: string | undefined
  readonly locate: Locate
}

/**
 * Reads the pages that have import maps or inline scripts with imports. An import map gives addresses another meaning;
 * an inline script with a computed import loads modules from the site, and a module that is loaded from two addresses
 * runs twice.
 */
export function pageHints(work: LayoutWork): PageHints {
  const { site, base } = work.input
  const locate = createLocate({ site, base, url: undefined })
  const heard: Heard = { addresses: new Map(), opaque: undefined, locate }
  for (const file of work.input.files) {
    if (work.classes.get(file.path) === 'page') listen(work, file, heard)
  }
  const { addresses, opaque } = heard
  const folders = [...addresses].filter(([address]) => address === '' || address.endsWith('/'))
  return {
    whyModuleStays: (path, isModule) =>
      (isModule ? opaque : undefined) ??
      addresses.get(path) ??
      folders.find(([folder]) => path.startsWith(folder))?.[1],
  }
}

function listen(work: LayoutWork, file: SiteFile, heard: Heard): void {
  const { path } = file
  const facts = factsOf(work, path)
  if (work.input.memory?.isSilent(path, facts.sha256)) return
  const text = readText(file, facts)?.text ?? ''
  if (isSilentAboutModules(text)) return
  const document = htmlReferences(text)
  const opaque = document.opaque === undefined ? undefined : `${path} ${document.opaque}`
  heard.opaque ??= opaque
  const keep = (url: string, base: string | undefined, reason: string): void => {
    const from = [path, base ?? document.base] as const
    const address = folderOf(work, heard.locate(url, ...from)) ?? pathOf(work, url, from)
    if (address !== undefined) heard.addresses.set(address, reason)
  }
  for (const key of document.importMapKeys ?? []) {
    keep(key, undefined, `the import map of ${path} gives its address another meaning`)
  }
  for (const { frozen, use, url, base } of document.references) {
    const isFixed = frozen !== undefined && (use === 'import' || use === 'import-map')
    if (isFixed) keep(url, base, `${path} names it in a block that may not be edited`)
    else if (opaque !== undefined && MODULE.has(use)) keep(url, base, opaque)
  }
}

const MODULE: ReadonlySet<ReferenceUse> = new Set(['module', 'modulepreload', 'import', 'import-map'])

/** A folder of the site with its `/`, empty for all of it. An import map never means the index that may lie there. */
function folderOf({ input }: LayoutWork, location: ReturnType<Locate>): SitePath | undefined {
  const { local, address } = location ?? {}
  if (local !== undefined) return /^$|\/$/.test(local.raw) ? local.decoded : undefined
  return address?.endsWith('/') && input.base.startsWith(address) ? '' : undefined
}

/** The site's path that an address leads to, whether a file lies there or not. */
function pathOf(
  { resolver, input }: LayoutWork,
  url: string,
  [from, base]: readonly [SitePath, string | undefined],
): SitePath | undefined {
  const resolved = resolver.resolve(url, from, base)
  if (resolved.kind === 'file' || resolved.kind === 'missing' || resolved.kind === 'key') return resolved.path
  if (resolved.kind !== 'host') return undefined
  const { base: root } = input
  return resolved.address.startsWith(root) ? decodePath(resolved.address.slice(root.length)) : undefined
}
