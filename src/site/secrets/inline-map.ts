const INLINE_MAP = /sourceMappingURL=data:application\/json([^,\s]{0,100}),([^\s"'*\\<]+)/g

/** Whether an inline source map carries sources, and not only positions in them. */
export function hasInlineSources(text: string): boolean {
  for (const [, parameters = '', data = ''] of text.matchAll(INLINE_MAP)) {
    if (holdsSources(parameters.endsWith(';base64') ? Buffer.from(data, 'base64').toString() : decoded(data)))
      return true
  }
  return false
}

function decoded(data: string): string {
  try {
    return decodeURIComponent(data)
  } catch {
    return data
  }
}

function holdsSources(json: string): boolean {
  try {
    const map: unknown = JSON.parse(json)
    return isIndexed(map) ? map.sections.some((section) => hasContents(section.map)) : hasContents(map)
  } catch {
    return false
  }
}

/** A map of maps. https://tc39.es/ecma426/#sec-index-source-map */
function isIndexed(map: unknown): map is { sections: { map?: unknown }[] } {
  return typeof map === 'object' && map !== null && 'sections' in map && Array.isArray(map.sections)
}

function hasContents(map: unknown): boolean {
  if (typeof map !== 'object' || map === null || !('sourcesContent' in map)) return false
  return Array.isArray(map.sourcesContent) && map.sourcesContent.some((source) => typeof source === 'string')
}
