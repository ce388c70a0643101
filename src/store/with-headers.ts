import type { HeaderSet } from '../model.ts'
import type { Store } from './store.ts'

/** Whether the store gave back what it was given, as far as it keeps it. */
export function sameHeaders({ facts }: Pick<Store, 'facts'>, found: HeaderSet, wanted: HeaderSet): boolean {
  const kept = Object.keys(wanted).filter((name) => !facts.forgets.includes(name))
  return kept.length === Object.keys(found).length && kept.every((name) => found[name] === wanted[name])
}
