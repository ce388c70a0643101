import type { ErrorCode } from '../words/errors.ts'
import type { IconPlan } from './plan/icon-set.ts'
import type { ImageLimits } from './plan/limits.ts'
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
  /** What mends this image, where that is known. */
  readonly hint?: string | undefined
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

export interface IconsRequest {
  readonly kind: 'icons'
  readonly bytes: Uint8Array
  readonly limits: ImageLimits
  readonly plans: readonly IconPlan[]
  /** Red, green, blue of what opaque icons stand on. @default that of the picture's border, or white */
  readonly background: readonly [number, number, number] | undefined
  /** Whether it is an SVG: its decoder is not there for anything else. */
  readonly isVector: boolean
}

/** What a child drew of one source. */
export interface DrawnIcons {
  /** `#rrggbb`. */
  readonly background: string
  /** PNGs, by the names of their plans. */
  readonly icons: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  /** Whether fonts of this machine are in them. */
  readonly hasText: boolean
}

/** Parent to child; one at a time. */
export type Request = LookRequest | RenderRequest | IconsRequest

/** What a child answers with, by the kind of the request. */
export type Product = ImageFacts | Rendered | DrawnIcons

/** A request as it is sent. A child keeps the bytes of the previous one, so that the same bytes are not sent again. */
export type Sent = Bare<LookRequest> | Bare<RenderRequest> | Bare<IconsRequest>

type Bare<R extends Request> = Omit<R, 'bytes'> & { readonly bytes: Uint8Array | undefined }

/** Child to parent. `memory` is sent where the parent cannot measure it itself. */
export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'memory'; readonly rss: number }
  | { readonly kind: 'answer'; readonly answer: Answer<Product> }

/** Thrown inside a child; becomes an answer. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
