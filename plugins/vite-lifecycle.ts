/**
 * Whether a build has succeeded. Vite calls `closeBundle` after failures too (twice, without the error, or for a build
 * of which only one of several outputs was written), so success is counted: every output that began to render was
 * written, and nothing failed.
 */
export interface Lifecycle {
  /** An environment starts to build; what an earlier build of it left is forgotten. */
  begin(environment: string): void
  /** One output begins to render. */
  render(environment: string): void
  /** One output is on disk, and no other plugin has objected. */
  write(environment: string): void
  fail(environment: string): void
  hasSucceeded(environment: string): boolean
  /** Of all environments that began. */
  haveAllSucceeded(): boolean
  /** True for the first caller after a `begin`, who may publish. */
  finishOnce(): boolean
}

interface Count {
  rendered: number
  written: number
  hasFailed: boolean
}

export function createLifecycle(): Lifecycle {
  const counts = new Map<string, Count>()
  let isFinished = false
  const countOf = (environment: string): Count => {
    const count = counts.get(environment) ?? { rendered: 0, written: 0, hasFailed: false }
    counts.set(environment, count)
    return count
  }
  const isWhole = ({ rendered, written, hasFailed }: Count): boolean =>
    !hasFailed && rendered > 0 && rendered === written
  return {
    begin(environment) {
      counts.delete(environment)
      countOf(environment)
      isFinished = false
    },
    render: (environment) => void countOf(environment).rendered++,
    write: (environment) => void countOf(environment).written++,
    fail(environment) {
      countOf(environment).hasFailed = true
    },
    hasSucceeded: (environment) => isWhole(countOf(environment)),
    haveAllSucceeded: () => [...counts.values()].every(isWhole),
    finishOnce() {
      const isFirst = !isFinished
      isFinished = true
      return isFirst
    },
  }
}
