import type { HeaderSet } from './model.ts'

/**
 * Whether both sets are equal.
 * @param forgotten headers that the store does not keep; they are not compared
 */
export function sameHeaders(a: HeaderSet, b: HeaderSet, forgotten: readonly string[] = []): boolean {
  return a === b || (hasHeaders(a, b, forgotten) && hasHeaders(b, a, forgotten))
}

/** Whether `found` has all that `wanted` has; it may have more. @param forgotten as for {@link sameHeaders} */
export function hasHeaders(found: HeaderSet, wanted: HeaderSet, forgotten: readonly string[] = []): boolean {
  for (const name in wanted) if (found[name] !== wanted[name] && !forgotten.includes(name)) return false
  return true
}
