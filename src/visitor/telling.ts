import type { DesiredObject } from '../plan/plan.ts'
import type { PublicUrl } from '../words/model.ts'

/** The `Origin` to send when the site's own address is not configured: no page has this origin. */
const NOBODY = 'https://lading.invalid'

export interface CrossOrigin {
  readonly url: PublicUrl
  /** The origin in whose name to ask. */
  readonly origin: string
}

export interface Pages {
  readonly site: string | undefined
  /** Whether they lie in the store: then they are visited at `url` itself, unless `site` says better. */
  readonly isHost: boolean
}

/** Whether pages name another host than their own; `undefined` when they do not, so that CORS is nobody's concern. */
export function crossOriginOf(url: PublicUrl, { site, isHost }: Pages): CrossOrigin | undefined {
  if (url.kind === 'path') return undefined
  const host = new URL(url.href).origin
  const own = site === undefined ? (isHost ? host : undefined) : new URL(site).origin
  return own === host ? undefined : { url, origin: own ?? NOBODY }
}

export const isNobody = (origin: string): boolean => origin === NOBODY

/** Browsers load these only with CORS, so they are the best to test with. */
const FONT = /\.(?:woff2?|ttf|otf)$/i
const MODULE = /\.m?js$/i

/** The object to ask for: a font, else a script, else any; of several the smallest. */
export function mostTelling(objects: readonly DesiredObject[]): DesiredObject | undefined {
  const rank = ({ path }: DesiredObject): number => (FONT.test(path) ? 0 : MODULE.test(path) ? 1 : 2)
  return objects.reduce<DesiredObject | undefined>((best, object) => {
    if (best === undefined) return object
    const difference = rank(object) - rank(best) || object.body.size - best.body.size
    return difference < 0 ? object : best
  }, undefined)
}
