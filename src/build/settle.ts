import type { LadingConfig } from '../config/interface.ts'
import { isPlain } from '../config/plain.ts'
import type { Matcher } from '../plan/patterns.ts'

export { resolveChecked } from '../config/checked.ts'
export { loadConfig } from '../config/load.ts'

/** Checks as `resolveConfig` does; the schema is loaded only when something may be wrong. */
export async function checkShape(config: LadingConfig): Promise<LadingConfig> {
  if (isPlain(config)) return config
  const { checkConfig } = await import('../config/schema.ts')
  return checkConfig(config, { name: 'options' })
}

/** Reads globs as `sync` does; most builds have none, and then the library for them is not loaded. */
export async function globReader(
  ...lists: readonly (readonly string[])[]
): Promise<(globs: readonly string[]) => Matcher> {
  if (lists.every((globs) => globs.length === 0)) return () => () => false
  const { matcher } = await import('../plan/patterns.ts')
  return matcher
}
