/** A `<meta>` (or a `<link itemprop>`) whose value is an image, sound or film. */
export interface MetaUse {
  readonly name: string
  /** Read by robots that take only absolute URLs. */
  readonly absolute: boolean
  /** Only the part `icon-uri=` of the value is a URL. */
  readonly isTask: boolean
}

/** Read by crawlers of social networks: absolute, says https://ogp.me/. */
const SOCIAL =
  /^(?:og:(?:image|audio|video)(?::url|:secure_url)?|og:logo|twitter:image\d?(?::src)?|twitter:player:stream|vk:image)$/

/** Read by the browser or its shell, against the page's address. */
const LOCAL = /^(?:image|thumbnail|thumbnailurl|msapplication-(?:tileimage|(?:square|wide)\d+x\d+logo))$/

/** A pinned site's task: `name=News;action-uri=/news;icon-uri=/news.ico`. */
const TASK = 'msapplication-task'

/** Properties of https://schema.org/ whose value is a picture. */
const ITEM = /^(?:image|logo|screenshot|thumbnail|thumbnailurl|contenturl|layoutimage|duringmedia)$/

/** @param names the values of `property` and `name`, in lower case */
export function metaUse(names: readonly string[], itemProperties: readonly string[]): MetaUse | undefined {
  const social = names.find((name) => SOCIAL.test(name))
  if (social !== undefined) return { name: social, absolute: true, isTask: false }
  const local = names.find((name) => LOCAL.test(name))
  if (local !== undefined) return { name: local, absolute: false, isTask: false }
  if (names.includes(TASK)) return { name: TASK, absolute: false, isTask: true }
  const item = itemProperties.find((name) => ITEM.test(name))
  return item === undefined ? undefined : { name: item, absolute: false, isTask: false }
}

/** The icon of a task and its place in the value. */
export function taskIcon(value: string): { readonly url: string; readonly start: number; readonly end: number }[] {
  const found = /(?:^|;)\s*icon-uri\s*=\s*([^;\s]+(?:\s+[^;\s]+)*)/i.exec(value)
  const url = found?.[1]
  if (found === null || url === undefined) return []
  const end = found.index + found[0].length
  return [{ url, start: end - url.length, end }]
}

/** A `;` would end the part. */
export const encodeTaskIcon = (url: string): string => url.replaceAll(';', '%3B')
