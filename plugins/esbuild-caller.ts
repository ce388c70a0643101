/** Who asked esbuild to build; `unknown` when an earlier plugin in the list has an asynchronous setup. */
export type Caller = 'build' | 'context' | 'unknown'

/**
 * esbuild does not tell a plugin whether this is a single build or a context, which may watch or serve. Its stack
 * frames do, as long as `setup` is called synchronously: `Object.build` or `Object.context` of its main.js.
 */
export function esbuildCaller(): Caller {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 50
  const stack = new Error('to read the stack').stack ?? ''
  Error.stackTraceLimit = limit
  const names = [...stack.matchAll(/at (?:Object|Module)\.(build|context) \(.*esbuild.*\)/g)].map(([, name]) => name)
  const [caller] = names
  return caller === 'build' || caller === 'context' ? caller : 'unknown'
}
