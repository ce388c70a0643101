/** A `<meta>` whose content is an image, sound or film. */
export interface MetaUse {
  readonly name: string
  /** Read by robots that take only absolute URLs. */
  readonly absolute: boolean
}

/** Read by crawlers of social networks: absolute, says https://ogp.me/. */
const SOCIAL =
  /^(?:og:(?:image|audio|video)(?::url|:secure_url)?|twitter:image(?::src)?|twitter:player:stream|vk:image)$/

/** Read by the browser or its shell, against the page's address. */
const LOCAL = /^(?:image|thumbnail|thumbnailurl|msapplication-(?:tileimage|(?:square|wide)\d+x\d+logo))$/

/** @param names the values of `property`, `name` and `itemprop`, in lower case */
export function metaUse(names: readonly string[]): MetaUse | undefined {
  const social = names.find((name) => SOCIAL.test(name))
  if (social !== undefined) return { name: social, absolute: true }
  const local = names.find((name) => LOCAL.test(name))
  return local === undefined ? undefined : { name: local, absolute: false }
}
