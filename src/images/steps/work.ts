import type { Sharp } from 'sharp'
import type { Size } from '../plan/plan.ts'
import type { Operation } from '../plan/recipe.ts'
import type { Rights } from '../rights.ts'

/** Input of the steps that run before those of each variant. */
export interface Source {
  /** The largest size that is made of it, upright. */
  readonly base: Size
  /** Whether it has a colour profile that is worth keeping. */
  readonly isWide: boolean
}

/** Input of the steps of one variant. */
export interface Target {
  readonly size: Size
  readonly operation: Operation
  readonly isWide: boolean
  readonly rights: Rights
}

/** One step of a lazy pipeline: nothing is computed before its end. */
export type Step<T> = (image: Sharp, work: T) => Sharp
