/** Who asked esbuild to build; `unknown` when an earlier plugin of the list waited for something in its setup. */
export type Caller = 'build' | 'context' | 'unknown'

/**
 * esbuild tells a plugin nowhere whether it builds once or is a context, which may watch or serve. Its own frames do, as
 * long as `setup` is called at once: `Object.build` or `Object.context` of its main.js.
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
