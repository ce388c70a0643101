import { plural, type SimulationReport } from '../../index.ts'
import { money } from './batch.ts'
import { chart } from './chart.ts'
import { indented } from './traffic.ts'

const HOUR_SECONDS = 3600

/** What became of the batches in virtual time, for a terminal of 80 columns. */
export function simulationText(report: SimulationReport): string {
  const { images, variants, coreSeconds, timeline, endSeconds } = report
  const facts = [
    `  work       ${plural(images, 'image')}, ${plural(variants, 'variant')}, ${time(coreSeconds)} of one core`,
    ...doneLines(report),
    ...laneLines(report),
    ...machineLines(report),
    ...costLines(report),
    ...heldLines(report),
  ]
  const ends = ['0', time(endSeconds)] as const
  const ages = timeline.map(({ oldestSeconds }) => oldestSeconds)
  const instances = timeline.map(({ instances }) => instances)
  return [
    `${facts.join('\n')}\n`,
    `\n  ${report.worst ? 'instances' : 'workers'}\n`,
    chart(instances, { label: String, ends }),
    '\n  age of the oldest image that nobody has begun\n',
    chart(ages, { label: time, ends }),
    `\n${indented(unknown(report), 2)}`,
  ].join('')
}

function doneLines({ images, done, expired, left, doneSeconds }: SimulationReport): string[] {
  const share = done === images ? 'all' : `${done} of ${images}`
  const lines = [`  done       ${done === 0 ? `none of ${images}` : `${share} after ${time(doneSeconds)}`}`]
  if (expired > 0) lines.push(`             ${expired} came to their turn after the deadline, and were not made`)
  if (left > 0) lines.push(`             ${left} were left in the queues, for nobody was there to take them`)
  return lines
}

/** How long images were in the queues of each lane before somebody began them. */
function laneLines({ lanes }: SimulationReport): string[] {
  const row = (first: string, cells: readonly string[]): string =>
    `  ${first.padEnd(10)} ${cells.map((cell) => cell.padEnd(13)).join('')}`.trimEnd()
  const head = row('waited', ['half', '95 of 100', 'all', 'last one done'])
  const rows = lanes.map(({ lane, wait: { p50, p95, most }, doneSeconds }) =>
    row(lane, [p50, p95, most, doneSeconds].map(time)),
  )
  return rows.length > 0 ? [head, ...rows] : []
}

function machineLines({ instances, endSeconds, worst, left }: SimulationReport): string[] {
  const { most, allowed, started, taken, alarmed } = instances
  const end = left > 0 ? `looked at until ${time(endSeconds)}` : `the last one gone after ${time(endSeconds)}`
  if (!worst) return [`  workers    ${plural(most, 'worker')}, ${end}`]
  const lost = taken > 0 ? `, ${taken} taken away by EC2` : ''
  const lines = [`  instances  ${most} at a time of ${allowed}, ${started} started${lost}`, `             ${end}`]
  if (alarmed > 0) lines.push(`             ${alarmed} started by the alarms: something had waited for half an hour`)
  return lines
}

function costLines({ dollars, instances, worst }: SimulationReport): string[] {
  if (!dollars || !worst) return ['  cost       nothing: they run on this machine']
  const rest = dollars.total - dollars.instances
  const life = `${worst.maxInstances} x ${Number(worst.lifetimeHours.toFixed(2))} h x ${money(worst.instanceHour)}`
  return [
    `  cost       ${money(dollars.total)}`,
    `             instances ${money(dollars.instances)} for ${time(instances.hours * HOUR_SECONDS)}, requests and addresses ${money(rest)}`,
    `  at worst   instances ${money(worst.dollars)} in one life of the fleet: ${life}`,
  ]
}

function heldLines({ held, worst }: SimulationReport): string[] {
  if (!worst || !held) return []
  const lines = [
    `  budget     paid for no more than ${held.paid} at times, from ${time(held.fromSeconds)} to ${time(held.toSeconds)}`,
  ]
  if (held.spentSeconds !== undefined) lines.push(`             spent at ${time(held.spentSeconds)}: all had to leave`)
  return lines
}

/** What is not in it, by what was simulated. */
function unknown({ worst, instances, seed }: SimulationReport): string {
  const always = 'Nothing was sent. Images are taken to need what is predicted, and all to succeed'
  if (!worst) return `${always}; other programs on this machine and the speed of its disk are not known.`
  const random =
    instances.taken > 0 ? ` Interruptions are drawn by seed ${seed}; another --seed gives another run.` : ''
  return `${always}; spot prices and capacity, how long your instances take to start, and the network are not known.${random}`
}

/** `0.9 s`, `47 s`, `9 min 17 s`, `2 h 5 min`. */
function time(seconds: number): string {
  if (seconds > 0 && seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < HOUR_SECONDS)
    return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
