import { CODE, nextRuleStop } from './characters.ts'
import { commentEnd } from './runs.ts'

/** Events for the rules that are skipped. */
export interface SkipEvents {
  /** A block opened that is no at-rule's and no custom property's. */
  open(): void
  /** A closing brace. */
  shut(): void
  /** A declaration or prelude ended. */
  end(): void
}

export interface Skipped {
  /** Where the first declaration or rule starts that needs the lexer; the text's end if none does. */
  readonly start: number
  /** Where what needs the lexer is. */
  readonly stop: number
}

/**
 * Skips rules and declarations without brackets, strings, escapes and at-rules. Most of a sheet is like that, which
 * makes reading it fast.
 */
export function skipRules(text: string, from: number, events: SkipEvents): Skipped {
  let start = from
  let hasColon = false
  for (let at = nextRuleStop(text, from); at < text.length; at = nextRuleStop(text, at + 1)) {
    const code = text.charCodeAt(at)
    if (code === CODE.colon) hasColon = true
    else if (code === CODE.slash) at = slashEnd(text, at) - 1
    else {
      // The block may be a custom property's value.
      if (code === CODE.openCurly && hasColon && text.slice(start, at).includes('--')) return { start, stop: at }
      if (!endItem(code, events)) return { start, stop: at }
      start = at + 1
      hasColon = false
    }
  }
  return { start: text.length, stop: text.length }
}

function endItem(code: number, events: SkipEvents): boolean {
  if (code === CODE.openCurly) events.open()
  else if (code === CODE.closeCurly) events.shut()
  else if (code !== CODE.semicolon) return false
  events.end()
  return true
}

function slashEnd(text: string, at: number): number {
  return text.charCodeAt(at + 1) === CODE.asterisk ? commentEnd(text, at) : at + 1
}
