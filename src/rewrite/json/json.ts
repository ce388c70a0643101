/** A step into a JSON value: a property's name, or an element's index. */
export type JsonStep = string | number

/** A string value of a JSON text (not a property's name) and its place. */
export interface JsonString {
  readonly path: readonly JsonStep[]
  readonly value: string
  /** Where the text between the quotes starts. */
  readonly start: number
  /** Where it ends (exclusive). */
  readonly end: number
  /** Where the text of the property's name stands; undefined outside of an object. */
  readonly key: JsonSpan | undefined
}

/** Between the quotes, `end` exclusive. */
export interface JsonSpan {
  readonly start: number
  readonly end: number
}

interface Container {
  readonly isArray: boolean
  step: JsonStep
  key?: JsonSpan
}

/** Every string value of a JSON text. Text that is not JSON has none. */
export function jsonStrings(text: string): JsonString[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (!isJson(body)) return []
  const offset = text.length - body.length
  const strings: JsonString[] = []
  const stack: Container[] = []
  // The text is valid JSON, so structure and strings can be told by single characters.
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at]
    if (char !== '"') {
      structure(char, stack)
      continue
    }
    const end = stringEnd(body, at)
    const value = parseString(body.slice(at, end + 1))
    const container = stack.at(-1)
    const place: JsonSpan = { start: offset + at + 1, end: offset + end }
    if (container && !container.isArray && container.step === '') {
      container.step = `.${value}`
      container.key = place
    } else strings.push({ path: pathOf(stack), value, ...place, key: container?.key })
    at = end
  }
  return strings
}

/** Property names are kept with a leading dot, so that an unread one (`''`) differs from one that is empty. */
function structure(char: string | undefined, stack: Container[]): void {
  const container = stack.at(-1)
  if (char === '{') stack.push({ isArray: false, step: '' })
  else if (char === '[') stack.push({ isArray: true, step: 0 })
  else if (char === '}' || char === ']') stack.pop()
  else if (char === ',' && container) {
    container.step = typeof container.step === 'number' ? container.step + 1 : ''
  }
}

function pathOf(stack: readonly Container[]): JsonStep[] {
  return stack.map(({ step }) => (typeof step === 'number' ? step : step.slice(1)))
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function parseString(source: string): string {
  const value: unknown = JSON.parse(source)
  return typeof value === 'string' ? value : ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `text` as it must be written between the quotes of a JSON string. */
export function encodeJsonString(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
