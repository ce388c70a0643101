import type {
  DriftEvent,
  ErrorEvent,
  FileEvent,
  FindingEvent,
  LadingEvent,
  StartEvent,
  Summary,
  WarningEvent,
} from '../../index.ts'

/** Of files, drifts and findings each, so many are kept for a page about the run; of the others only the number. */
const KEPT = 200

/** Those that were kept, and how many there were. */
export interface Listed<T> {
  readonly shown: T[]
  count: number
}

/** What a run has said of itself. */
export interface RunRecord {
  start: StartEvent | undefined
  summary: Summary | undefined
  error: ErrorEvent | undefined
  readonly warnings: WarningEvent[]
  /** Without those that stay as they are. */
  readonly files: Listed<FileEvent>
  readonly drifts: Listed<DriftEvent>
  readonly findings: Listed<FindingEvent>
}

/** @param mask for every text that is kept */
export function createRecord(mask: (text: string) => string): RunRecord & { hear(event: LadingEvent): void } {
  const list = <T>(): Listed<T> => ({ shown: [], count: 0 })
  const record: RunRecord = {
    ...{ start: undefined, summary: undefined, error: undefined, warnings: [] },
    ...{ files: list<FileEvent>(), drifts: list<DriftEvent>(), findings: list<FindingEvent>() },
  }
  const hear = (event: LadingEvent): void => {
    if (event.type === 'start') record.start = masked(event, mask)
    else if (event.type === 'summary') record.summary = event
    else if (event.type === 'warning') record.warnings.push(masked(event, mask))
    else if (event.type === 'file' && event.op !== 'keep') add(record.files, event, mask)
    else if (event.type === 'drift') add(record.drifts, event, mask)
    else if (event.type === 'finding') add(record.findings, event, mask)
  }
  return Object.assign(record, { hear })
}

function add<T extends object>(list: Listed<T>, item: T, mask: (text: string) => string): void {
  list.count += 1
  if (list.shown.length < KEPT) list.shown.push(masked(item, mask))
}

/** An event with texts and lists of texts. */
function masked<T extends object>(event: T, mask: (text: string) => string): T {
  const entries = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === 'string' ? mask(value) : Array.isArray(value) ? value.map((one) => mask(String(one))) : value,
  ])
  return Object.fromEntries(entries) as T // the same fields, texts as texts
}
