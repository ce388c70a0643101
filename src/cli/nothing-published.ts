import { existsSync } from 'node:fs'
import { printable, type StoreOptions } from '../index.ts'

/** A folder that does not exist was perhaps mistyped, which "nothing yet" would hide. */
export function nothingPublished({ target, state = target }: Pick<StoreOptions, 'target' | 'state'>): string {
  const isMissing = state.kind === 'folder' && !existsSync(state.path)
  return `Nothing was published here yet.\n${isMissing ? `There is no folder ${printable(state.path)}.\n` : ''}`
}
