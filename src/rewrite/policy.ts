import type { PublicUrl } from '../words/model.ts'
import type { Reference } from './reference.ts'

/** What is known of the two addresses, as configured; nothing is ever probed to decide this. */
export interface LoadPolicy {
  readonly url: PublicUrl
  /** The site and `url` share one origin: nothing is cross-origin. */
  readonly sameOrigin: boolean
  /** `url` answers cross-origin requests. */
  readonly cors: boolean
}

/** How a reason ends that holds only until `cors` is set. */
export const corsUnset = (url: PublicUrl): string => `\`cors\` is not set for ${url.href}`

/** Why this reference may not name the moved copy; `undefined` when it may. */
export function whyKept(reference: Reference, { sameOrigin, cors, url }: LoadPolicy): string | undefined {
  if (reference.frozen !== undefined) return reference.frozen
  if (reference.use === 'manifest') return 'the path of a web app manifest is its scope'
  if (reference.loadClass === 'D') return 'not the address of an asset'
  if (sameOrigin) return undefined
  if (reference.loadClass === 'C') return `${reference.place} never loads from another host`
  if (cors) return undefined
  if (reference.loadClass === 'B') return `${reference.place} needs CORS, and ${corsUnset(url)}`
  return reference.integrity ? 'integrity on another host needs CORS' : undefined
}
