import type { Key, SitePath } from '../model.ts'

/** Names what a page's references were decided by: whether and where a path of the site has moved. */
export const pathProbe = (path: SitePath): string => `/${path}`
/** Names what a page's references were decided by: what is known of a key. */
export const keyProbe = (key: Key): string => `#${key}`
/** Names what a page's references were decided by: a file's own bytes. */
export const bytesProbe = (path: SitePath): string => `=${path}`
