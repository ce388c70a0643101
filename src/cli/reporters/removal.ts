import {
  formatBytes,
  formatDuration,
  type LadingEvent,
  plural,
  printable,
  type Removal,
  type WarningEvent,
} from '../../index.ts'
import type { Output } from '../io.ts'
import type { Voice } from '../session.ts'
import { jsonRecord, jsonSummary } from './json.ts'
import { waitLine } from './lines.ts'
import { renderWarnings } from './warnings.ts'

/** Removals shown without `--verbose`. */
const SHOWN = 20

export interface RemovalReport {
  event(event: LadingEvent): void
  end(removal: Removal, next: string | undefined): void
}

/** What goes, one line each, and what it came to. */
export function removalReport(voice: Voice, stdout: Output): RemovalReport {
  if (voice.isJson) {
    return {
      event: (event) => void stdout.write(jsonRecord(event)),
      end: (removal) => void stdout.write(jsonSummary(removal)),
    }
  }
  const lines: string[] = []
  const warnings: WarningEvent[] = []
  return {
    event(event) {
      if (event.type === 'file') lines.push(`- ${printable(event.key)}  ${formatBytes(event.bytes)}  ${event.reason}`)
      if (event.type === 'warning') warnings.push(event)
      if (event.type === 'wait' && !voice.isQuiet) voice.err.write(`${waitLine(event)}\n`)
    },
    end(removal, next) {
      const shown = voice.isVerbose ? lines : lines.slice(0, SHOWN)
      const hidden = lines.length - shown.length
      if (hidden > 0) shown.push(`- ${hidden} more (-v shows all)`)
      for (const line of shown) voice.out.write(`  ${line}\n`)
      if (voice.isQuiet) return
      voice.err.write(renderWarnings(warnings, voice.err, voice))
      voice.err.write(`${removal.dryRun ? 'Plan' : 'ok'}: ${sentence(removal)}\n`)
      if (next !== undefined && removal.removed + removal.state > 0) voice.err.write(`${next}\n`)
    },
  }
}

function sentence({ dryRun, removed, bytes, kept, state, ms }: Removal): string {
  if (removed + state === 0) return `Nothing to remove. ${plural(kept, 'object')} kept (${formatDuration(ms)}).`
  const verb = dryRun ? 'to remove' : 'removed'
  const records =
    state > 0 ? `, with ${plural(state, 'record and content', 'records and contents')} of old releases` : ''
  return `${plural(removed, 'object')} (${formatBytes(bytes)}) ${verb}${records}; ${kept} kept (${formatDuration(ms)}).`
}
