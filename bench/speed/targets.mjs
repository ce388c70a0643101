// What Lading is to reach, as data: where it is looked at, and what of the rows is compared with which number.
import { oneLine, oursOf, rivalsOf, totalOf } from './rows.mjs'

/** How many times slower than ours a peer is to be, at the fastest of its settings, at a first upload. */
const TIMES_AT_FIRST = { awscli: 8, 's3-sync-client': 4, rclone: 1.5, s5cmd: 1.2, s3cmd: 1, s3deploy: 1 }
/** What the records of a release take of each file; more would be bodies. */
const STATE_BYTES_PER_FILE = 400

/** @returns {readonly Target[]} `{ text, value, isMet }` of one situation of one part */
export function targetsOf({ part, files }, situation, rows) {
  const failed = rows.filter(({ peer, failure }) => peer === 'lading' && failure)
  const failures = failed.map(({ setting, failure }) => ({
    text: `${setting}: no failure`,
    value: oneLine(failure),
    isMet: false,
  }))
  const ours = oursOf(rows)
  if (!ours) return failures
  const targets = { first, none, elsewhere, changed: fasterThanEvery, headers }[situation]
  return [...failures, ...(targets?.({ part, files, ours, rows }) ?? [])]
}

function first({ part, rows }) {
  if (part.tree === 'tiny') return []
  const ours = oursOf(rows)
  const compared = rivalsAt(part, rows)
  const rivals = compared.map((rival) => times(rival, ours, TIMES_AT_FIRST[rival.peer]))
  const faster = rivalsOf(rows).filter((rival) => !compared.includes(rival))
  return [
    ...rivals,
    ...faster.map((rival) => times(rival, ours, 1)),
    ...(part.tree === 'site' ? memory(rows, 150) : []),
  ]
}

/** With latency, concurrency is all: rclone is compared at the 64 that its page advises at most, and is to be slower at 256. */
function rivalsAt(part, rows) {
  const isCompared = ({ peer, atOnce }) => part.latencyMs === 0 || peer !== 'rclone' || atOnce === 64
  return rivalsOf(rows.filter(isCompared))
}

/** What rclone's first upload takes to ours where both send as many at once: told, and no target. */
export function atEqualConcurrency(rows) {
  return [64, 256].flatMap((atOnce) => {
    const at = rows.filter((row) => row.atOnce === atOnce && !row.failure)
    const rival = rivalsOf(at).find(({ peer }) => peer === 'rclone')
    const ours = oursOf(at)
    return rival && ours
      ? [`- told: rclone's time to ours, both at ${atOnce}: ${(rival.wallMs / ours.wallMs).toFixed(2)} x`]
      : []
  })
}

const fasterThanEvery = ({ ours, rows }) => rivalsOf(rows).map((rival) => times(rival, ours, 1))

function none({ part, ours, rows }) {
  const least = part.tree === 'tiny' && part.latencyMs > 0 ? 5 : 1
  const rivals = rivalsOf(rows).map((rival) => times(rival, ours, least))
  return [...rivals, ...requests(ours, 2), ...(part.tree === 'tiny' ? memory(rows, 300) : [])]
}

const elsewhere = ({ ours }) => requests(ours, 3)

function headers({ ours, files }) {
  if (!ours.counts) return []
  const each = ours.counts.bytes / files
  return [
    {
      text: 'no body is sent: bytes written for each file',
      value: each.toFixed(0),
      isMet: each <= STATE_BYTES_PER_FILE,
    },
  ]
}

/** By the wall's clock; the CPU time stands beside it, which a busy machine changes less. */
function times(rival, ours, least) {
  const ratio = rival.wallMs / ours.wallMs
  const text = `${least === 1 ? 'faster than' : `at least ${least} times as fast as`} ${rival.peer} (${rival.setting})`
  const value = `${ratio.toFixed(2)} x, of CPU time ${(rival.cpuMs / ours.cpuMs).toFixed(2)} x`
  return { text, value, isMet: least === 1 ? ratio > 1 : ratio >= least }
}

function requests({ counts }, most) {
  if (!counts) return []
  return [{ text: `at most ${most} requests`, value: `${totalOf(counts)}`, isMet: totalOf(counts) <= most }]
}

function memory(rows, most) {
  const mb = Math.max(...rows.filter(({ peer, failure }) => peer === 'lading' && !failure).map((row) => row.mb))
  return [{ text: `within ${most} MB, at every setting`, value: `${mb.toFixed(0)} MB`, isMet: mb <= most }]
}
