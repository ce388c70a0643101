/**
 * Whether a build has succeeded. Vite calls `closeBundle` after failures too (twice, without the error, or for a build
 * of which only one of several outputs was written), so success is counted: every expected output was written, and
 * nothing failed.
 */
export interface Lifecycle {
  /**
   * An environment starts a build; the state of its previous build is reset. False for a further output of the same
   * build: Rolldown calls `buildStart` for each, with the previous one written and the bundle not closed.
   * @param outputs how many are to be written, or 'any' where nobody says; default: 1
   */
  begin(environment: string, outputs?: number | 'any'): boolean
  /** One output begins to render. */
  render(environment: string): void
  /** One output is on disk, and no other plugin has objected. */
  write(environment: string): void
  fail(environment: string): void
  /** The bundle is closed: what begins after this is another build. */
  end(environment: string): void
  hasSucceeded(environment: string): boolean
  /** Of all environments that began. */
  haveAllSucceeded(): boolean
  /** True for the first caller after a `begin`, who may publish. */
  finishOnce(): boolean
}

interface Count {
  /** The least and the most that are to be written. */
  readonly least: number
  readonly most: number
  rendered: number
  written: number
  hasFailed: boolean
  isClosed: boolean
}

export function createLifecycle(): Lifecycle {
  const counts = new Map<string, Count>()
  let isFinished = false
  const countOf = (environment: string): Count => {
    const count = counts.get(environment) ?? newCount(1, 1)
    counts.set(environment, count)
    return count
  }
  return {
    begin(environment, outputs = 1) {
      isFinished = false
      if (isBetween(countOf(environment))) return false
      counts.set(environment, outputs === 'any' ? newCount(1, Number.POSITIVE_INFINITY) : newCount(outputs, outputs))
      return true
    },
    render: (environment) => void countOf(environment).rendered++,
    write: (environment) => void countOf(environment).written++,
    fail(environment) {
      countOf(environment).hasFailed = true
    },
    end(environment) {
      countOf(environment).isClosed = true
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

const newCount = (least: number, most: number): Count => {
  return { least, most, rendered: 0, written: 0, hasFailed: false, isClosed: false }
}

const isWhole = ({ least, rendered, written, hasFailed }: Count): boolean =>
  !hasFailed && rendered === written && written >= least

/** One output is written and the next has not begun. */
const isBetween = ({ most, rendered, written, hasFailed, isClosed }: Count): boolean =>
  !hasFailed && !isClosed && written > 0 && rendered === written && written < most
