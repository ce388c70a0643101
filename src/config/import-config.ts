import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { LadingError } from '../words/errors.ts'
import { ownFrames } from './own-frames.ts'

/**
 * `value` is the default export of a config in JavaScript or TypeScript. Node reads what it can itself; TypeScript that it
 * cannot read goes through jiti, as do files with syntax errors: its parser says where they are, Node's does not.
 *
 * @throws E_CONFIG with `name`, line and column where they can be told
 */
export async function importConfig(file: string, name: string): Promise<{ readonly value: unknown }> {
  const module = await importModule(file).catch((cause: unknown) => {
    throw failure(file, name, cause)
  })
  // Wrapped, so that an exported promise is not awaited here: the caller awaits it and reports its failure.
  if ('default' in module) return { value: module.default }
  throw new LadingError('E_CONFIG', 'the config has no default export', {
    subject: name,
    hint: 'Write export default defineConfig({ … }).',
  })
}

type Module = Readonly<Record<string, unknown>>

async function importModule(file: string): Promise<Module> {
  // From Node 22.18 on; older typings do not know the property.
  const readsTypes = 'typescript' in process.features && Boolean(process.features.typescript)
  const isTyped = /\.[mc]?ts$/.test(file)
  if (file.endsWith('.cts') || (isTyped && !readsTypes)) return importWithJiti(file)
  try {
    if (file.endsWith('.cjs')) return { default: requireAnew(file) }
    // The module cache would return a file's former state to a process that lives longer (watch, plugins, tests).
    const url = `${pathToFileURL(file).href}?changed=${statSync(file).mtimeMs}`
    // A module namespace is an object with string keys.
    return (await withoutTypeAdvice(() => import(url))) as Module
  } catch (cause) {
    if (isUnread(cause, isTyped)) return importWithJiti(file)
    throw cause
  }
}

/**
 * Whether Node has refused a file that jiti may read. Code that has run and thrown is not run again, unless what it
 * lacks may be what jiti gives it.
 */
function isUnread(cause: unknown, isTyped: boolean): boolean {
  if (ownFrames(cause).length === 0) return isSyntaxError(cause) || isTyped
  if (!(isTyped && cause instanceof Error)) return false
  if ('code' in cause && RESOLVED_OTHERWISE.has(String(cause.code))) return true
  // __dirname, require and module, which jiti knows in any file; and what CommonJS exports as its default
  return cause instanceof ReferenceError
    ? cause.message.includes('in ES module scope')
    : cause instanceof TypeError && /is not a (?:function|constructor)$/.test(cause.message)
}

/** Node asks for names in full, and for types that it can leave out. */
const RESOLVED_OTHERWISE: ReadonlySet<string> = new Set([
  'MODULE_NOT_FOUND',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
])

/** How many imports are under way, and what they have put aside. */
const quiet = { imports: 0, emitWarning: process.emitWarning }

/**
 * Node reads ES modules of a package without a `type`, and advises on each to write one into package.json: for all
 * scripts of the project, for the sake of a config. Node asks nobody before it does, so its way of telling is filtered.
 */
async function withoutTypeAdvice<T>(work: () => Promise<T>): Promise<T> {
  if (quiet.imports++ === 0) {
    const { emitWarning } = process
    quiet.emitWarning = emitWarning
    process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
      if (!isTypeAdvice(rest[0])) Reflect.apply(emitWarning, process, [warning, ...rest])
    }
  }
  try {
    return await work()
  } finally {
    if (--quiet.imports === 0) process.emitWarning = quiet.emitWarning
  }
}

const isTypeAdvice = (options: unknown): boolean =>
  typeof options === 'object' &&
  options !== null &&
  'code' in options &&
  options.code === 'MODULE_TYPELESS_PACKAGE_JSON'

/** An import would keep CommonJS for the life of the process, whatever its address says. */
function requireAnew(file: string): unknown {
  const require = createRequire(file)
  delete require.cache[require.resolve(file)]
  return require(file)
}

const NO_THEN = /^Cannot read properties of null \(reading 'then'\)$/

async function importWithJiti(file: string): Promise<Module> {
  const { createJiti } = await import('jiti')
  const options = { moduleCache: false, fsCache: false }
  const load = (interopDefault: boolean): Promise<Module | null> =>
    createJiti(import.meta.url, { ...options, interopDefault }).import<Module | null>(file)
  // its merging of a default export with the module stumbles over null; without, CommonJS that a config imports may be misread
  const module = await load(true).catch((cause: unknown) => {
    if (cause instanceof TypeError && NO_THEN.test(cause.message) && ownFrames(cause).length === 0) return load(false)
    throw cause
  })
  // What CommonJS exports is its default, as it is for Node.
  return file.endsWith('.cts') || module === null ? { default: module?.default ?? module } : module
}

function failure(file: string, name: string, cause: unknown): LadingError {
  if (cause instanceof LadingError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const place = placeOf(file, cause)
  const isSyntax = isSyntaxError(cause) && ownFrames(cause).length === 0
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1]
  return new LadingError('E_CONFIG', isSyntax ? 'the config has a syntax error' : 'the config cannot be loaded', {
    subject: `${name}${place === undefined ? '' : placeText(file, place)}`,
    why: message.split('\n')[0]?.replaceAll(file, name),
    details: place === undefined ? [] : codeFrame(file, place),
    hint:
      missing === 'lading'
        ? 'npm install --save-dev lading, or export a plain object without defineConfig.'
        : undefined,
    cause,
  })
}

/** By name and text: the error may come from a parser, or from another realm. */
const isSyntaxError = (cause: unknown): boolean =>
  cause instanceof Error &&
  (cause.name === 'SyntaxError' || /^(?:ParseError|SyntaxError|Parse failure)\b/.test(cause.message))

interface Place {
  readonly line: number
  readonly column: number
}

/** The first `file:line:column` of the message or the stack; parsers differ in how they write it. */
function placeOf(file: string, cause: unknown): Place | undefined {
  const text = cause instanceof Error ? `${cause.message}\n${cause.stack ?? ''}` : ''
  for (const form of [file, pathToFileURL(file).href]) {
    const at = text.indexOf(form)
    const found = at === -1 ? null : /^(?:\?[^:\s]*)?:(\d+):(\d+)/.exec(text.slice(at + form.length))
    if (found) return { line: Number(found[1]), column: Number(found[2]) }
  }
  const inMessage = /\((\d+):(\d+)\)/.exec(text)
  return inMessage ? { line: Number(inMessage[1]), column: Number(inMessage[2]) } : undefined
}

/** Compilers may report columns of their output: one beyond the end of the line is not of the source. */
const isInside = (text: string | undefined, column: number): boolean => column <= (text ?? '').length + 1

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n')

const placeText = (file: string, { line, column }: Place): string =>
  `:${line}${isInside(linesOf(file)[line - 1], column) ? `:${column}` : ''}`

/** The line with one before it, and a mark below the column. */
function codeFrame(file: string, { line, column }: Place): string[] {
  const lines = linesOf(file)
  const width = String(line).length
  const row = (number: number): string => `${String(number).padStart(width)} | ${lines[number - 1] ?? ''}`
  const mark = `${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1))}^`
  const frame = [...(line > 1 ? [row(line - 1)] : []), row(line)]
  return isInside(lines[line - 1], column) ? [...frame, mark] : frame
}
