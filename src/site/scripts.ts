import { scriptTraits } from '../rewrite/script.ts'
import type { FileFacts, SiteFile } from './file.ts'
import { readText } from './text.ts'

/** Why a script stays at its own path; `undefined` when it is a classic script that may load from anywhere. */
export function whyScriptStays(file: SiteFile, facts: FileFacts): string | undefined {
  const source = readText(file, facts)
  if (source === undefined) return 'its text cannot be read (UTF-16 or compressed)'
  const traits = scriptTraits(source.text)
  if (traits.worker) return 'it starts workers, which must come from the site itself'
  if (traits.currentScript) return 'it reads document.currentScript to find its neighbours'
  if (traits.dynamicImport) return 'it imports modules at run time, relative to itself'
  if (traits.importsOrExports) return 'it is part of a graph of modules'
  return undefined
}
