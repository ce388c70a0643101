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

/** The last one that a compiler had a part in. */
const RUNS = new WeakMap<Compiler, JointRun>()

/** Classes whose runs are followed, so that each is once: several copies of webpack may be at work. */
const FOLLOWED = new WeakSet<object>()

/**
 * To be asked when a build begins: takes what it has made, to publish it when all the compilers of its run have succeeded; never,
 * when one has failed, however late the others end.
 * @returns undefined for a compiler that runs alone
 */
export function afterAllBeside(compiler: Compiler): ((end: Ended) => void) | undefined {
  const run = RUNS.get(compiler)
  return run?.isOpen ? (end) => void run.ends.push(end) : undefined
}

/**
 * Makes a run of several compilers (an array of configs) one build. Neither bundler tells a compiler of the MultiCompiler
 * around it, and a hook of one compiler cannot wait for the others: `parallelism` or `dependencies` may start them only
 * when it is done, and they need not have this plugin. So `run` of the class itself is followed: it does as ever, but
 * before it hands out the result of a run that succeeded, what the compilers have made is published.
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
    // A second run beside the first is refused.
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
