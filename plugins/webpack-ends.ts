import { LadingError, markServers, type ServerOutput, withServer } from '../src/build/index.ts'
import type { BuildRecord } from '../src/index.ts'
import { toldInFull } from './failure.ts'
import { finishBuild, type Outcome } from './outcome.ts'

/** What a compiler has made, when nothing of its run has failed: for browsers or for a server. */
export type Ended = SiteEnded | ServerOutput

export interface SiteEnded {
  readonly outcome: Outcome
  /** @throws E_BUILD when its scripts name what is not among the files */
  check(files: BuildRecord['files']): void
  say(text: string): void
}

/**
 * Publishes one by one what the compilers of a run made for browsers, after marking server output. Compilers that wrote
 * into the same folder count as one build.
 * @throws E_CONFIG when such a folder is to be sent in several ways, before anything is sent
 */
export async function publishAll(ends: readonly Ended[]): Promise<void> {
  const sites = ends.filter((end) => 'outcome' in end)
  const servers = ends.filter((end) => 'code' in end)
  await toldInFull(() => {
    for (const group of alike(sites, ({ outDir }) => outDir)) refuseSeveralWays(group)
  })
  const shared = new Set(sites.map(({ outcome }) => outcome.outDir))
  await toldInFull(() => markServers(servers.filter(({ outDir }) => !shared.has(outDir))))
  for (const group of alike(sites, recordedAs)) {
    const outcome = beside(servers, group.map((end) => end.outcome).reduce(joined))
    const said = await toldInFull(() => {
      for (const { check } of group) check(outcome.record.files)
      return finishBuild(outcome)
    })
    group[0]?.say(said)
  }
}

/** A folder has one record, of one store. */
const recordedAs = ({ outDir, record }: Outcome): string =>
  JSON.stringify([outDir, record.url, record.cors, record.rewritten])

/** With the scripts of servers that lie in the same folder. */
function beside(servers: readonly ServerOutput[], outcome: Outcome): Outcome {
  const code = servers.filter(({ outDir }) => outDir === outcome.outDir).flatMap((server) => [...server.code])
  return { ...outcome, record: withServer(outcome.record, code) }
}

function alike(ends: readonly SiteEnded[], which: (outcome: Outcome) => string): Iterable<SiteEnded[]> {
  const groups = new Map<string, SiteEnded[]>()
  for (const end of ends) {
    const name = which(end.outcome)
    groups.set(name, [...(groups.get(name) ?? []), end])
  }
  return groups.values()
}

/** A folder is sent as a whole, whoever wrote its files: a dry run for one compiler alone is impossible. */
function refuseSeveralWays(group: readonly SiteEnded[]): void {
  const sent = group.filter(({ outcome }) => outcome.settings.upload)
  const [end] = sent
  if (end === undefined || sent.every(({ outcome }) => outcome.settings.way === end.outcome.settings.way)) return
  throw new LadingError('E_CONFIG', 'compilers that write into one folder would send it in different ways', {
    subject: end.outcome.outDir,
    why: 'All files of a folder are one build, and go to one store: one of them would decide for the others.',
    hint: 'Give the plugin the same options and the compilers one publicPath, or each a folder. Nothing was sent.',
  })
}

/** Merges two outcomes; the result is uploaded if either asks for it. */
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
