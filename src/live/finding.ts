import type { FindingEvent, FindingKind } from '../words/events.ts'
import type { CountedUse } from './frontier.ts'
import type { Site } from './site.ts'
import type { Use } from './use.ts'
import type { Visit } from './visit.ts'

/** What a check has to say of one reference. */
export interface Fault {
  readonly kind: FindingKind
  /** Continues the sentence after the address: `answers 404`. */
  readonly message: string
  readonly why: string
  readonly fix: string
}

/** One thing that a visitor's browser, or a cache on the way, would stumble over. */
export type Check = (looked: Looked) => readonly Fault[]

export interface Looked {
  readonly use: Use
  /** Absent when the address was not asked: another host's, or a page too many. */
  readonly visit: Visit | undefined
  readonly site: Site
}

type Found = CountedUse & { readonly fault: Fault }

/** Findings in the order of documents and lines; one per fault of an address, with the first reference to it. */
export function gathered(faults: readonly Found[]): FindingEvent[] {
  const byFault = new Map<string, FindingEvent>()
  const inOrder = faults.map((found) => ({ found, finding: event(found) })).sort((a, b) => order(a.finding, b.finding))
  for (const { found, finding } of inOrder) {
    const { use, fault } = found
    const key = [fault.kind, use.url, fault.message].join('\n')
    const first = byFault.get(key)
    byFault.set(key, first ? { ...first, references: first.references + finding.references } : finding)
  }
  return [...byFault.values()]
}

function event({ use, count, fault }: Found): FindingEvent {
  const { kind, message, why, fix } = fault
  const { from, line, place, via } = use
  const [written] = via
  return {
    ...{ type: 'finding', kind, page: from, line, place, url: written ?? use.url },
    message: written === undefined ? message : `leads to ${use.url}, which ${message}`,
    ...{ why, fix, references: count },
  }
}

function order(a: FindingEvent, b: FindingEvent): number {
  return (
    compare(a.page, b.page) ||
    a.line - b.line ||
    compare(a.place, b.place) ||
    compare(a.url, b.url) ||
    compare(a.kind, b.kind)
  )
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
