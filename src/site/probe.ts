import type { Key, SitePath } from '../words/model.ts'

/** The probe (something that references of a page depend on) for whether and where a path of the site has moved. */
export const pathProbe = (path: SitePath): string => `/${path}`
/** The probe for what is known of a key. */
export const keyProbe = (key: Key): string => `#${key}`
/** The probe for a file's own bytes. */
export const bytesProbe = (path: SitePath): string => `=${path}`
