// A site of any number of pages, made from the real pages of two templates: each page is a real one with a line of its
// own, beside the original, so that everything it names is there.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = new URL('../node_modules/', import.meta.url).pathname

/** @type {readonly (readonly [from: string, to: string])[]} */
const TEMPLATES = [
  ['startbootstrap-sb-admin-2', 'admin'],
  ['startbootstrap-agency/dist', 'agency'],
]

const LEFT_OUT =
  /(?:^|\/)(?:node_modules|scss|src|scripts|js\/demo)(?:\/|$)|\.(?:map|md|scss|pug)$|package(?:-lock)?\.json$|gulpfile/

/**
 * @param {string} root an empty or missing folder
 * @param {number} count pages
 */
export function makeSite(root, count) {
  mkdirSync(root, { recursive: true })
  const originals = TEMPLATES.flatMap(([from, to]) => {
    const source = join(PACKAGES, from)
    const filter = (path) => !LEFT_OUT.test(path.slice(source.length)) && !path.endsWith('.html')
    cpSync(source, join(root, to), { recursive: true, filter })
    return readdirSync(source)
      .filter((name) => name.endsWith('.html'))
      .map((name) => ({ to, name: name.slice(0, -5), text: readFileSync(join(source, name), 'utf8') }))
  })
  for (let index = 0; index < count; index += 1) {
    const { to, name, text } = originals[index % originals.length]
    writeFileSync(join(root, to, `${name}-${index}.html`), `${text}<!-- page ${index} -->\n`)
  }
}
