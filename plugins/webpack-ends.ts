import type { BuildRecord } from '../src/index.ts'
import { toldInFull } from './failure.ts'
import { finishBuild, type Outcome } from './outcome.ts'

/** What a compiler has made, when nothing of its run has failed. */
export interface Ended {
  readonly outcome: Outcome
  /** @throws E_BUILD when its scripts name what is not among the files */
  check(files: BuildRecord['files']): void
  say(text: string): void
}

/** Publishes in turn what the compilers of one run have made. Those that wrote into one folder are one build. */
export async function publishAll(ends: readonly Ended[]): Promise<void> {
  for (const group of together(ends)) {
    const outcome = group.map((end) => end.outcome).reduce(joined)
    const said = await toldInFull(() => {
      for (const { check } of group) check(outcome.record.files)
      return finishBuild(outcome)
    })
    group[0]?.say(said)
  }
}

/** A folder has one record, of one store. */
function together(ends: readonly Ended[]): Iterable<Ended[]> {
  const groups = new Map<string, Ended[]>()
  for (const end of ends) {
    const { outDir, record } = end.outcome
    const which = JSON.stringify([outDir, record.url, record.cors, record.rewritten])
    groups.set(which, [...(groups.get(which) ?? []), end])
  }
  return groups.values()
}

/** Both send, when one does. */
function joined(first: Outcome, second: Outcome): Outcome {
  const { record, settings } = second
  return {
    ...(settings.upload ? { ...first, settings } : first),
    record: {
      ...first.record,
      files: new Map([...first.record.files, ...record.files]),
      origin: new Set([...first.record.origin, ...record.origin]),
    },
  }
}
