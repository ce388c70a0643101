import { scriptCode } from './code.ts'

/** What decides whether a script may be served from another address. When in doubt a trait is true. */
export interface ScriptTraits {
  /** Makes or registers workers, which must come from the page's own origin. */
  readonly worker: boolean
  /** Loads scripts into a worker, relative to that worker. */
  readonly importScripts: boolean
  /** Reads `document.currentScript`, which is null in modules. */
  readonly currentScript: boolean
  /** Looks for its own tag among the page's. */
  readonly ownTag: boolean
  /** A module of SystemJS, which imports others relative to itself: `System.register(['./b.js'], …)`. */
  readonly systemModule: boolean
}

const NONE: ScriptTraits = {
  worker: false,
  importScripts: false,
  currentScript: false,
  ownTag: false,
  systemModule: false,
}

/** Every name that can make a trait true; a text without any of them needs no closer look. */
const TELLING =
  /Worker|\bSystem\s*\.|importScripts|currentScript|document\s*\.\s*scripts\b|["'`]script["'`]|\bscript\s*\[\s*src/

/** Platform names, as an identifier, a property or `window['Worker']`; a `typeof` test does not count. */
const WORKER = /(?<!\btypeof\s+(?:(?:window|self|globalThis)\.)?)\b(?:Worker|SharedWorker|serviceWorker)\b/
const IMPORT_SCRIPTS = /(?<!\btypeof\s+(?:self\.)?)\bimportScripts\b/
const SYSTEM_MODULE = /\bSystem\s*\.\s*register\s*\(/
const CURRENT_SCRIPT = /\bcurrentScript\b/

/** The page's scripts, as old libraries look for their own tag. */
const SCRIPTS = /\b(?:getElementsByTagName|querySelectorAll)\s*\(\s*(["'`])script\1\s*\)|\bdocument\s*\.\s*scripts\b/g
/** How far behind it the address of one is looked for, in characters. */
const SOON = 400
const ADDRESS = /\.\s*src\b(?!\s*=(?!=))|\bgetAttribute\s*\(\s*["']src["']/
/** In webpack's runtime, which asks whether a chunk is being loaded already. */
const COMPARISON = /\bgetAttribute\s*\(\s*["']src["']\s*\)\s*==/
/** A selector of a script by its address. */
const BY_ADDRESS = /(?:^|[\s,>"'`])script\s*\[\s*src/

/**
 * Looks at a script's code, comments and strings aside. Never used to edit. A text that cannot be tokenized is searched
 * whole: better a trait found in a comment than one missed in code.
 */
export function scriptTraits(text: string): ScriptTraits {
  if (!TELLING.test(text)) return NONE
  let byAddress = false
  const tokenized = scriptCode(text, ({ start, end }) => {
    byAddress ||= BY_ADDRESS.test(text.slice(start, end))
  })
  const code = tokenized ?? text
  return {
    worker: WORKER.test(code),
    importScripts: IMPORT_SCRIPTS.test(code),
    currentScript: CURRENT_SCRIPT.test(code),
    ownTag: byAddress || looksAmongScripts(code),
    systemModule: SYSTEM_MODULE.test(code),
  }
}

function looksAmongScripts(code: string): boolean {
  return [...code.matchAll(SCRIPTS)].some(({ index, 0: list }) => {
    const next = code.slice(index + list.length, index + list.length + SOON)
    return ADDRESS.test(next) && !COMPARISON.test(next)
  })
}
