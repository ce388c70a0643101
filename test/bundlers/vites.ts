import * as vite8 from 'vite'
import * as vite6 from 'vite6'
import * as vite7 from 'vite7'

/** What tests call of Vite. */
export type ViteModule = Pick<
  typeof vite8,
  'build' | 'createBuilder' | 'createServer' | 'preview' | 'resolveConfig' | 'version'
>

export interface ViteVersion {
  /** For the names of tests: `vite 6`. */
  readonly name: string
  readonly vite: ViteModule
}

// Each version has types of its own (Rollup's before 8, Rolldown's since), which do not fit one another, while its
// functions take and give what tests use of Vite 8's: hence the `as unknown as` below.
/** Every Vite that the plugin is for, the oldest first. */
export const VITES: readonly ViteVersion[] = [
  { name: 'vite 6', vite: vite6 as unknown as ViteModule },
  { name: 'vite 7', vite: vite7 as unknown as ViteModule },
  { name: 'vite 8', vite: vite8 },
]
