import { scriptCode } from './script-code.ts'

/** What decides whether a script may be served from another address. When in doubt a trait is true. */
export interface ScriptTraits {
  /** Makes or registers workers, which must come from the page's own origin. */
  readonly worker: boolean
  /** Reads where it was loaded from. */
  readonly currentScript: boolean
  /** Loads modules while it runs. */
  readonly dynamicImport: boolean
  /** Is a module: names others, exports, or asks for its own address (`import.meta`). */
  readonly importsOrExports: boolean
}

const NONE: ScriptTraits = { worker: false, currentScript: false, dynamicImport: false, importsOrExports: false }

/** Every name that can make a trait true; a text without any of them needs no closer look. */
const TELLING = /Worker|importScripts|currentScript|\bimport\b|\bexport\b/

/** Names of the platform, as a name, a property or `window['Worker']`; asking for one's type makes none. */
const WORKER =
  /(?<!\btypeof\s+(?:(?:window|self|globalThis)\.)?)\b(?:Worker|SharedWorker|serviceWorker|importScripts)\b/
const CURRENT_SCRIPT = /\bcurrentScript\b/
const DYNAMIC_IMPORT = /(?<![.\w$#]|\.\s+)import\s*\(/
/** Not as a property: `.import`, `import:`, `{ export }`. */
const MODULE = /(?<![.\w$#'])(?:import(?=\s*[{*.'"]|\s+[\p{ID_Start}$_])|export(?=\s*[{*]|\s+[\p{ID_Start}$_]))/u

/**
 * Looks at a script's code, comments and strings aside. Never used to edit. A text that cannot be told apart is taken
 * whole, so that a trait is rather found in a comment than missed in code.
 */
export function scriptTraits(text: string): ScriptTraits {
  if (!TELLING.test(text)) return NONE
  const code = scriptCode(text) ?? text
  return {
    worker: WORKER.test(code),
    currentScript: CURRENT_SCRIPT.test(code),
    dynamicImport: DYNAMIC_IMPORT.test(code),
    importsOrExports: MODULE.test(code),
  }
}
