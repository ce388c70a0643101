import type { LadingConfig } from './interface.ts'
import type { ConfigSources, Environment } from './sources.ts'

export interface ResolveContext {
  /** Relative paths resolve against it; absolute. */
  readonly cwd: string
  readonly env: Environment
  /** Where each value was written, so that messages name that place. */
  readonly sources?: ConfigSources | undefined
}

/** What the steps of resolving hand around. */
export interface Asked {
  readonly config: LadingConfig
  readonly context: ResolveContext
}
