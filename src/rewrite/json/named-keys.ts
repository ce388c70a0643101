import type { Key } from '../../words/model.ts'
import { cssReferences } from '../css/css.ts'
import { moduleReferences } from '../script/module.ts'
import { decodePath, encodePath } from '../url.ts'

const STYLE = /\.css$/i
const SCRIPT = /\.[cm]?js$/i

/** Whether what lies under a key may name other keys. */
export const mayNameKeys = (key: Key): boolean => STYLE.test(key) || SCRIPT.test(key)

/**
 * Keys that a style sheet or script below the store's prefix may name: its URLs are resolved against its own key, and
 * every suffix of their paths counts, since an absolute URL may start with a former public address.
 */
export function namedKeys(key: Key, text: string): Set<Key> {
  const { references } = STYLE.test(key) ? cssReferences(text, { context: 'sheet' }) : moduleReferences(text)
  const from = `https://store.invalid/${encodePath(key)}`
  const keys = new Set<Key>()
  for (const { url } of references) {
    if (!URL.canParse(url, from)) continue
    const path = decodePath(new URL(url, from).pathname)
    for (let slash = 0; slash !== -1; slash = path.indexOf('/', slash + 1)) keys.add(path.slice(slash + 1))
  }
  return keys
}
