import {
  type FileEvent,
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
import { waiting } from './waiting.ts'
import { renderWarnings } from './warnings.ts'

/** Removals shown without `--verbose`. */
const SHOWN = 20

/** Keys longer than this do not widen the column. */
const WIDEST_KEY = 48

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
  const files: FileEvent[] = []
  const warnings: WarningEvent[] = []
  let told = 0
  const sayWaiting = waiting(voice)
  return {
    event(event) {
      if (event.type === 'file') files.push(event)
      if (event.type === 'wait') sayWaiting(event)
      if (event.type === 'phase' && event.phase === 'invalidate') told += event.files
      if (event.type !== 'warning') return
      const isListed = event.code === 'W_REMOVED_LIVE' && files.length > 0
      warnings.push(isListed ? { ...event, items: [] } : event)
    },
    end(removal, next) {
      const shown = voice.isVerbose ? files : files.slice(0, SHOWN)
      const hidden = files.length - shown.length
      const width = Math.min(WIDEST_KEY, Math.max(0, ...shown.map(({ key }) => printable(key).length)))
      for (const file of shown) voice.out.write(`  ${goingLine(file, width)}\n`)
      if (hidden > 0) voice.out.write(`  - ${hidden} more (-v shows all)\n`)
      if (voice.isQuiet) return
      voice.err.write(renderWarnings(warnings, voice.err, voice))
      voice.err.write(`${headOf(removal)}: ${sentence(removal)}\n`)
      if (told > 0) voice.err.write(`The CDN was told about ${plural(told, 'address', 'addresses')}.\n`)
      if (next !== undefined && removal.removed + removal.state > 0) voice.err.write(`${next}\n`)
    },
  }
}

/** `- a/logo.k3x7.png  3.2 kB  not named since 2026-03-01`, the key padded to `width`. */
function goingLine({ key, bytes, reason }: FileEvent, width: number): string {
  return `- ${printable(key).padEnd(width)}  ${formatBytes(bytes).padStart(9)}  ${printable(reason)}`
}

function headOf({ dryRun, ok }: Removal): string {
  if (dryRun) return 'Plan'
  return ok ? 'ok' : 'Incomplete'
}

function sentence({ dryRun, removed, bytes, kept, unpublished, state, ms }: Removal): string {
  const time = formatDuration(ms)
  const isIdle = removed + state === 0
  if (isIdle && unpublished) return `Nothing was published here yet, so nothing can be removed (${time}).`
  if (isIdle) return `Nothing to remove. ${plural(kept, 'object')} kept (${time}).`
  const first = `${plural(removed, 'object')} (${formatBytes(bytes)}) ${dryRun ? 'to remove' : 'removed'}, ${kept} kept (${time}).`
  if (state === 0) return first
  const verb = dryRun ? 'to remove' : 'removed'
  return `${first}\n${plural(state, 'record or content', 'records and contents')} of old releases ${verb}.`
}
