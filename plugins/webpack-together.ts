import type { Compiler, MultiCompiler, MultiStats } from 'webpack'
import type { ServerOutput } from '../src/build/index.ts'
import { type Ended, publishAll } from './webpack-ends.ts'
import type { Kind } from './webpack-kinds.ts'
import { serverOutput } from './webpack-servers.ts'
import { whenDone } from './webpack-taps.ts'

type Callback = (error: Error | null, stats?: MultiStats) => void

/** A run of several compilers, and what is to be published when it has succeeded. */
interface JointRun {
  readonly ends: Ended[]
  isOpen: boolean
}

/** The latest joint run of each compiler. */
const RUNS = new WeakMap<Compiler, JointRun>()

/** Classes already patched; several copies of webpack may be in use. */
const FOLLOWED = new WeakSet<object>()

/**
 * Called when a build begins: a function that receives its result, to publish it when all compilers of the run have
 * succeeded; never if one has failed, however late the others end.
 * @returns undefined for a compiler that runs alone
 */
export function afterAllBeside(compiler: Compiler): ((end: Ended) => void) | undefined {
  const run = RUNS.get(compiler)
  return run?.isOpen ? (end) => void run.ends.push(end) : undefined
}

/**
 * Makes a run of several compilers (an array of configs) one build. Neither bundler tells a compiler of the
 * MultiCompiler around it, and a hook of one compiler cannot wait for the others: `parallelism` or `dependencies` may
 * start them only when it is done, and they need not have this plugin. So `run` of the class itself is patched: before
 * it passes on the result of a successful run, the compilers' output is published.
 */
export function followRuns({ webpack: { MultiCompiler } }: Compiler, kind: Kind): void {
  const { prototype } = MultiCompiler
  if (FOLLOWED.has(prototype)) return
  FOLLOWED.add(prototype)
  const { run } = prototype
  // Rspack's takes options too.
  function followed(this: MultiCompiler, callback?: Callback, ...more: unknown[]): void {
    const ends: Ended[] = []
    const joint: JointRun = { ends, isOpen: true }
    const finished: Callback = (error, stats) => {
      joint.isOpen = false
      if (error || stats?.hasErrors() || ends.length === 0) callback?.(error, stats)
      else
        whenDone(publishAll([...ends, ...serversOf(stats, kind)]), (failure) =>
          failure ? callback?.(failure) : callback?.(null, stats),
        )
    }
    // The bundler refuses a second concurrent run.
    if (!this.running) for (const compiler of this.compilers) RUNS.set(compiler, joint)
    Reflect.apply(run, this, [this.running ? callback : finished, ...more])
  }
  Object.assign(prototype, { run: followed })
}

/** Those of compilers without the plugin too. */
function serversOf(stats: MultiStats | undefined, kind: Kind): ServerOutput[] {
  const all = (stats?.stats ?? []).map(({ compilation }) => serverOutput(compilation, kind))
  return all.filter((server) => server !== undefined)
}
