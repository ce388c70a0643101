import { plural, printable, type WorkerEvent, type WorkerStats } from '../../index.ts'

/** One line for what happens; nothing for what only a verbose run tells. */
export function workerEventText(event: WorkerEvent, isVerbose: boolean): string {
  switch (event.type) {
    case 'state':
      return `${event.state}: ${printable(event.reason)}\n`
    case 'taken':
      return isVerbose ? `  taken   ${event.batch} ${event.item} (${event.lane})\n` : ''
    case 'ended':
      return event.result === 'done' && !isVerbose ? '' : endedText(event)
    case 'refused':
      return `  refused a message of ${printable(event.queue)}: ${printable(event.reason)}\n`
    case 'newer':
      return `  left a message of version ${event.version} to a newer worker\n`
    case 'lost':
      return isVerbose ? `  lost the lease of ${event.id}\n` : ''
    case 'trouble': {
      const { code, message, why } = event.error
      return `  ! ${event.what}: ${code} ${printable(message)}${why === undefined ? '' : `: ${printable(why)}`}\n`
    }
    case 'command':
      return `  commanded: ${event.verb}\n`
    case 'notice':
      return `  notice: ${event.notice}\n`
  }
}

/** An image that is at fault is named as whoever submitted it knows it. */
function endedText({ batch, item, key, path, result, reason }: Extract<WorkerEvent, { type: 'ended' }>): string {
  const isFaulty = result === 'failed' || result === 'crashed'
  const name = isFaulty ? ` ${printable(path ?? key)}` : ''
  return `  ${result.padEnd(9)} ${batch} ${item}${name}${reason === undefined ? '' : `: ${printable(reason)}`}\n`
}

export function workerStatsText({ instance, reason, counts }: WorkerStats): string {
  const others = (['failed', 'cancelled', 'crashed', 'released'] as const)
    .filter((result) => counts[result] > 0)
    .map((result) => `, ${counts[result]} ${result}`)
  return `${instance} ended (${printable(reason)}): ${plural(counts.done, 'image')} done${others.join('')}.\n`
}
