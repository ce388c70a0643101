import type { LadingEvent } from '../../index.ts'
import type { Output } from '../io.ts'
import type { Reporter } from './reporter.ts'

/** Version of the records. Fields are added within one version, never renamed or removed. */
const VERSION = 1

/** Records that are no events of the core: answers of `explain`, `releases`, `config`, `serve`. */
type DataType =
  | ('explanation' | 'release' | 'option' | 'serve' | 'channel' | 'channel-end' | 'unlock' | 'diagnosis')
  | ('policy' | 'csp' | 'bundle' | 'init' | 'favicon')
  | ('traffic' | 'remark' | 'cost')
  | ('site-estimate' | 'bills')
  | ('batch' | 'batch-status' | 'batch-result' | 'dead-letter' | 'redrive' | 'estimate' | 'simulation')
  | ('worker' | 'instance' | 'command' | 'repro' | 'dashboard')

function line<T extends { readonly type: string }>({ type, ...fields }: T): string {
  return `${JSON.stringify({ v: VERSION, type, ...fields })}\n`
}

/** An event as one line of NDJSON, as `schema/events.json` describes it. */
export const jsonRecord = (event: LadingEvent): string => line(event)

/** An answer as one line of NDJSON. */
export const jsonData = (type: DataType, answer: object): string => line({ ...answer, type })

/** The last record of a command that answers with data: whoever reads always finds a `summary` or an `error` at the end. */
export const jsonEnd: string = line({ type: 'summary', ok: true, exit: 0 })

/** The last record of a command that has more to say of its end than that it came. */
export const jsonSummary = (facts: object): string => line({ ...facts, type: 'summary' })

/** Records as they come, on stdout. */
export function createJsonReporter(stdout: Output): Reporter {
  return {
    event: (event) => {
      stdout.write(jsonRecord(event))
    },
    close: () => undefined,
  }
}
