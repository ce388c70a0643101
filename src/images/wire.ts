import type { ErrorCode } from '../errors.ts'
import type { ImageLimits } from './limits.ts'
import type { Size } from './plan/plan.ts'
import type { Dropped, Receipt } from './plan/receipt.ts'
import type { Operation, Recipe } from './plan/recipe.ts'

/** What is known of an image before it is decoded. Sizes are upright, of one frame. */
export interface ImageFacts extends Size {
  /** `image/jpeg`. */
  readonly type: string
  readonly frames: number
  readonly hasAlpha: boolean
  /** An animation that cannot be converted; it stays as it is. */
  readonly isFixed: boolean
}

/** A variant that lies in the store already, and is not encoded again. */
export interface Existing {
  readonly op: string
  readonly width: number
  readonly bytes: number
}

/** A variant that is to be put. Without bytes: it lies in the store. */
export interface RenderedVariant extends Existing, Size {
  readonly format: Operation['format']
  readonly data: Uint8Array | undefined
}

/** What a child made of one image. */
export interface Rendered extends Pick<Receipt, 'thumbhash' | 'colour' | 'engine' | 'cpuMs'> {
  readonly variants: readonly RenderedVariant[]
  readonly dropped: readonly Dropped[]
}

/** Why an image could not be rendered. */
export interface ImageFailure {
  readonly code: ErrorCode
  readonly message: string
}

/** What a child did with a request. A failure is the image's, not the run's. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ImageFailure }

export interface LookRequest {
  readonly kind: 'look'
  readonly bytes: Uint8Array
  readonly limits: ImageLimits
}

export interface RenderRequest {
  readonly kind: 'render'
  readonly bytes: Uint8Array
  readonly limits: ImageLimits
  readonly recipe: Recipe
  readonly existing: readonly Existing[]
}

/** Parent to child; one at a time. */
export type Request = LookRequest | RenderRequest

/** A request as it is sent. A child keeps the bytes of the previous one, so that the same bytes are not sent again. */
export type Sent = Bare<LookRequest> | Bare<RenderRequest>

type Bare<R extends Request> = Omit<R, 'bytes'> & { readonly bytes: Uint8Array | undefined }

/** Child to parent. `memory` is sent where the parent cannot measure it itself. */
export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'memory'; readonly rss: number }
  | { readonly kind: 'answer'; readonly answer: Answer<ImageFacts | Rendered> }

/** Thrown inside a child; becomes an answer. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
