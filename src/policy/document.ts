/** Whose tools take the document. */
export type PolicyProvider = 'aws' | 'r2' | 'minio'

/** Something to give to a provider, with what a person needs to know about it. */
export interface PolicyDocument {
  /** The file that the commands read it from. */
  readonly file: string
  /** The document, whole; ends with a line break. */
  readonly text: string
  /** In their order; words in capitals are the reader's to fill in. */
  readonly commands: readonly string[]
  /** Why it is so and what to heed, a sentence or two each. */
  readonly notes: readonly string[]
}

export const PROVIDERS: readonly PolicyProvider[] = ['aws', 'r2', 'minio']

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** AWS writes every list of CloudFront with its length. */
export interface AwsList<T> {
  readonly Quantity: number
  readonly Items: readonly T[]
}

export const awsList = <T>(...items: readonly T[]): AwsList<T> => ({ Quantity: items.length, Items: items })
