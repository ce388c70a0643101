/**
 * Where the content of a raw text element ends: at its end tag, or at the end of the document. A script's goes on after
 * `<!-- <script>` until that is closed.
 * @param at after the start tag
 */
export function rawTextEnd(text: string, at: number, name: string): number {
  if (name === 'script') return scriptEnd(text, at)
  const pattern = endTagOf(name)
  pattern.lastIndex = at
  return pattern.exec(text)?.index ?? text.length
}

const patterns = new Map<string, RegExp>()

function endTagOf(name: string): RegExp {
  const known = patterns.get(name) ?? new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi')
  patterns.set(name, known)
  return known
}

/** https://html.spec.whatwg.org/multipage/parsing.html#script-data-double-escaped-state and those before it */
const SCRIPT = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi

type State = 'plain' | 'comment' | 'script in comment' | 'end'

function scriptEnd(text: string, from: number): number {
  let state: State = 'plain'
  SCRIPT.lastIndex = from
  for (let found = SCRIPT.exec(text); found !== null; found = SCRIPT.exec(text)) {
    state = after(state, found[0].toLowerCase())
    if (state === 'end') return found.index
    // `<!-->` opens and closes
    if (found[0] === '<!--') SCRIPT.lastIndex = found.index + 2
  }
  return text.length
}

function after(state: State, mark: string): State {
  if (mark === '-->') return 'plain'
  if (mark === '<!--') return state === 'plain' ? 'comment' : state
  if (mark === '<script') return state === 'comment' ? 'script in comment' : state
  return state === 'script in comment' ? 'comment' : 'end'
}
