import { matchAt, mayStart, rulesAt } from './anchors.ts'
import { deployCredentials } from './deploy-credentials.ts'
import type { ContentRule, Level } from './rule.ts'

/** Replaces a secret. */
const MASK = '***'

/** Quoted text may be truncated: this many leading characters count as the whole credential. */
const BEGINNING = 12

/**
 * Takes this run's own credentials out of a text, in every form that they are looked for in files, also when their end
 * was cut off. Whatever a server, a configuration or a library put into a message, they are not passed on. JSON stays
 * valid: only parts of strings are replaced.
 */
export function credentialMask(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const forms = deployCredentials(env).needles.map(({ bytes }) => bytes.toString())
  return (text) => forms.reduce(withoutForm, text)
}

function withoutForm(text: string, form: string): string {
  const beginning = form.slice(0, BEGINNING)
  let masked = ''
  let from = 0
  for (let at = text.indexOf(beginning); at !== -1; at = text.indexOf(beginning, from)) {
    let length = BEGINNING
    while (length < form.length && text[at + length] === form[length]) length++
    masked += text.slice(from, at) + MASK
    from = at + length
  }
  return from === 0 ? text : masked + text.slice(from)
}

const MASKED: ReadonlySet<Level> = new Set<Level>(['stop', 'public'])

/** A text that was written by others, with everything that the rules for files take for a secret as `***`. */
export function maskText(text: string): string {
  const tries = new Map<ContentRule, number>()
  let masked = ''
  let from = 0
  for (let at = 0; at + 2 < text.length; at++) {
    const start = anchorAt(text, at)
    if (start === undefined) continue
    const rules = rulesAt(start, 'other').filter(({ level }) => MASKED.has(level))
    const place = matchAt(text, at, { rules, tries })
    if (place === undefined) continue
    masked += text.slice(from, at) + MASK
    from = at + place.length
    at = from - 1
  }
  return masked + text.slice(from)
}

/** The code of three characters, if an anchor may start with them. */
function anchorAt(text: string, at: number): number | undefined {
  const [first, second, third] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
  if (first > 0xff || second > 0xff || third > 0xff) return undefined
  const start = (first << 16) | (second << 8) | third
  return mayStart(start) ? start : undefined
}
