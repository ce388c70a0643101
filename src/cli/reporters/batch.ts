import {
  type BatchResult,
  type BatchStatus,
  type Estimate,
  formatBytes,
  formatDuration,
  plural,
  printable,
  type Submitted,
  type TimeLeft,
} from '../../index.ts'
import type { Voice } from '../session.ts'
import { jsonData, jsonSummary } from './json.ts'

/** Some images failed or never came. */
const INCOMPLETE = 6

export const submittedJson = (submitted: Submitted): string => jsonData('batch', submitted)

/** The exit code. A batch that was sent but that nobody will render is no success. */
export const submittedExit = (
  { stalled, isCancelled, refused }: Submitted,
  { workers }: Pick<SubmittedLook, 'workers'>,
): number => {
  const isWhole = isCancelled !== true && refused.length === 0
  return isWhole && (stalled === undefined || workers !== undefined) ? 0 : INCOMPLETE
}

export const statusJson = (status: BatchStatus): string => jsonData('batch-status', status)

const STALLED = "Submit it again with a larger --budget, or raise the group's MaxSize and submit it again."

/** Images that are named one by one. */
const NAMED = 10

interface SubmittedLook {
  /** A command for the same place, to be pasted. */
  readonly line: (command: string) => string
  /** That run on this machine, if any were started. */
  readonly workers?: number | undefined
  readonly isWatched: boolean
}

/** What was sent, what it costs, and what comes next. */
export function submittedText(submitted: Submitted, look: SubmittedLook): string {
  const { batch, items, sent, originals, refused, estimate, instances, result } = submitted
  const { line, workers, isWatched } = look
  const lines = [
    `batch ${batch}: ${plural(items, 'image')}, ${plural(sent, 'message')} sent`,
    `  originals  ${originals.put} new (${formatBytes(originals.bytes)}), ${items - originals.put} there already`,
    ...refusedLines(refused),
  ]
  const worker = workers !== undefined || instances !== undefined ? [] : [line('batch worker')]
  if (result?.partial) {
    const next = [...(sent > 0 ? worker : []), ...(isWatched ? [] : [line(`batch reassemble ${batch}`)])]
    const who = sent > 0 ? hands(submitted, look) : []
    return `${[...lines, ...who].join('\n')}\n${resultText(result)}${nextText(next)}`
  }
  if (result) {
    const end = `${resultText(result)}${result.failed > 0 ? AGAIN : ''}`
    return `${lines.join('\n')}\n${isWatched ? '' : end}`
  }
  lines.push(...hands(submitted, look))
  const next = isWatched ? worker : [...worker, line(`batch watch ${batch}`)]
  return `${lines.join('\n')}\n${estimateText(estimate)}${nextText(next)}`
}

/** The first ones: of a million there may be many. */
function refusedLines(refused: Submitted['refused']): readonly string[] {
  const named = refused.slice(0, NAMED)
  const lines = named.map(({ path, reason }) => `  left out   ${printable(path)}: ${printable(reason)}`)
  const more = refused.length - named.length
  return more > 0 ? [...lines, `             and ${more} more; --json names all`] : lines
}

/** Who will do it, or why nobody. */
function hands({ instances, stalled, isCancelled }: Submitted, { line, workers }: SubmittedLook): readonly string[] {
  const lines: string[] = []
  if (isCancelled) lines.push(...CANCELLED)
  if (instances !== undefined) lines.push(`  fleet      ${plural(instances, 'instance')} wished for`)
  if (workers !== undefined) {
    lines.push(`  workers    ${workers} of this machine, which go on without this command; to end them:`)
    lines.push(`             ${line('batch control stop')}`)
  } else if (stalled !== undefined) lines.push(`Nobody will begin it: ${stalled}. ${STALLED}`)
  return lines
}

const CANCELLED = [
  'It was cancelled: workers end what has not begun.',
  'To have it made, submit it under another name: --batch NAME',
]
const AGAIN = 'To try again what failed, submit it under another name: --batch NAME\n'

const nextText = (lines: readonly string[]): string =>
  lines.map((line, at) => `${at === 0 ? 'Next: ' : '      '}${line}\n`).join('')

export function estimateText({
  images,
  variants,
  coreSeconds,
  dollars,
  onDemandTotal,
  times,
  whatIf,
}: Estimate): string {
  const lines = [
    `  work       ${plural(images, 'image')}, ${plural(variants, 'variant')}, ${formatDuration(coreSeconds * 1000)} of one core`,
    `  cost       ${money(dollars.total)} on spot, ${money(onDemandTotal)} on demand`,
    `             cores ${money(dollars.compute)}, puts ${money(dollars.puts)}, the rest ${money(dollars.gets + dollars.queue + dollars.addresses)}`,
    `  time       ${times.map(({ instances, seconds }) => `${plural(instances, 'instance')} ${formatDuration(seconds * 1000)}`).join(', ')}`,
    ...whatIf.map(
      ({ change, coreShare, dollarShare }) =>
        `  what if    ${change}: ${percent(coreShare)} cores, ${percent(dollarShare)} cost`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const percent = (share: number): string => `${share <= 1 ? '-' : '+'}${Math.round(Math.abs(1 - share) * 100)} %`

export const money = (amount: number): string =>
  amount >= 1 || amount === 0 ? `$${amount.toFixed(2)}` : `$${amount.toPrecision(2)}`

export function statusText(status: BatchStatus): string {
  const { batch, recipe, lane, deadline, isCancelled, result } = status
  const lines = [`batch ${batch}`, `  recipe ${recipe}  lane ${lane}  deadline ${deadline}`, `  ${lineOf(status)}`]
  if (isCancelled) lines.push('  cancelled')
  return `${lines.join('\n')}\n${result ? resultText(result) : ''}${failuresText(status)}`
}

/** Which images failed and why: the first ones, and where the others are named. */
function failuresText({ batch, failed, failures = [], result }: BatchStatus): string {
  const lines = failures.map(({ path, code, message }) => `  ! ${printable(path)}  ${code}  ${printable(message)}\n`)
  const more = failed - failures.length
  if (lines.length > 0 && more > 0) {
    const where = result ? `; b/${batch}/images.json in the store names all` : ''
    lines.push(`    and ${more} more${where}\n`)
  }
  return lines.join('')
}

/** `214 of 312 (68 %), 2 failed, 20 to 35 s left`. */
export function lineOf({ items, done, failed, left, isSent, result }: BatchStatus): string {
  const share = items === 0 ? 100 : Math.floor(((done + failed) / items) * 100)
  const parts = [`${done + failed} of ${items} (${share} %)`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (left && done + failed < items) parts.push(leftText(left))
  // Workers process whatever was sent, and cannot tell that items are missing.
  if (!(isSent || result)) parts.push('not all sent: unless a submit is at it, run the same one again')
  return parts.join(', ')
}

/** Minutes once they are minutes: a range to the second would claim too much. */
function leftText({ least, most }: TimeLeft): string {
  const unit = most >= 120 ? 60 : 1
  const [from, to] = [Math.floor(least / unit), Math.ceil(most / unit)]
  return `${from === to ? to : `${from} to ${to}`} ${unit === 60 ? 'min' : 's'} left`
}

export function resultText({ done, failed, missing, partial, closedAt }: BatchResult): string {
  const parts = [
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
  ]
  return `${partial ? 'Closed at its deadline' : 'Closed'} ${closedAt}: ${parts.join(', ')}.\n`
}

export interface WatchReport {
  status(status: BatchStatus): void
  /** The exit code. */
  end(status: BatchStatus): number
}

/**
 * A line for each look at which something has changed.
 *
 * @param before the exit code of what came before, which stays when the batch closes well
 */
export function watchReport({ isJson, isQuiet, out, err }: Voice, batch: string, before = 0): WatchReport {
  let last = ''
  return {
    status(status) {
      const text = isJson ? statusJson(status) : `${batch}: ${lineOf(status)}\n`
      if (text === last) return
      last = text
      if (isJson) out.write(text)
      else if (!isQuiet) err.write(text)
    },
    end(status) {
      const { result } = status
      const exit = result && result.failed + result.missing > 0 ? INCOMPLETE : before
      if (isJson) out.write((result ? jsonData('batch-result', result) : '') + jsonSummary({ ok: exit === 0, exit }))
      else if (result && !isQuiet) err.write(resultText(result) + failuresText(status))
      return exit
    },
  }
}
