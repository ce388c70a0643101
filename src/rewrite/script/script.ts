import { scriptCode } from './code.ts'

/** What decides whether a script may be served from another address. When in doubt a trait is true. */
export interface ScriptTraits {
  /** Makes or registers workers, which must come from the page's own origin. */
  readonly worker: boolean
  /** Loads scripts into a worker, relative to that worker. */
  readonly importScripts: boolean
  /** Reads where it was loaded from. */
  readonly currentScript: boolean
}

const NONE: ScriptTraits = { worker: false, importScripts: false, currentScript: false }

/** Every name that can make a trait true; a text without any of them needs no closer look. */
const TELLING = /Worker|importScripts|currentScript/

/** Platform names, as an identifier, a property or `window['Worker']`; a `typeof` test does not count. */
const WORKER = /(?<!\btypeof\s+(?:(?:window|self|globalThis)\.)?)\b(?:Worker|SharedWorker|serviceWorker)\b/
const IMPORT_SCRIPTS = /(?<!\btypeof\s+(?:self\.)?)\bimportScripts\b/
const CURRENT_SCRIPT = /\bcurrentScript\b/

/**
 * Looks at a script's code, comments and strings aside. Never used to edit. A text that cannot be tokenized is searched
 * whole: better a trait found in a comment than one missed in code.
 */
export function scriptTraits(text: string): ScriptTraits {
  if (!TELLING.test(text)) return NONE
  const code = scriptCode(text) ?? text
  return {
    worker: WORKER.test(code),
    importScripts: IMPORT_SCRIPTS.test(code),
    currentScript: CURRENT_SCRIPT.test(code),
  }
}
