import type { Sharp } from 'sharp'
import type { Size } from '../plan.ts'
import type { Operation } from '../recipe.ts'
import type { Rights } from '../rights.ts'

/** What the steps before the widths know. */
export interface Source {
  /** The largest size that is made of it, upright. */
  readonly base: Size
  /** Whether it has a colour profile that is worth keeping. */
  readonly isWide: boolean
}

/** What the steps of one variant know. */
export interface Target {
  readonly size: Size
  readonly operation: Operation
  readonly isWide: boolean
  readonly rights: Rights
}

/** One step of a pipeline: nothing is computed before its end. */
export type Step<T> = (image: Sharp, work: T) => Sharp
