// From runs to rows: the medians of each setting in each situation, and who is compared with what.
import { median } from './cost.mjs'

/** @returns {readonly Row[]} one for each setting that was measured in the situation; who failed once has no figures */
export function rowsOf({ runs }, situation) {
  const here = runs.filter((run) => run.situation === situation)
  return grouped(here, ({ peer, setting }) => `${peer} ${setting}`).map((group) => {
    const [{ peer, setting, atOnce, isFloor, counts }] = group
    const failed = group.find(({ failure }) => failure !== undefined)
    if (failed) return { peer, setting, atOnce, isFloor, n: group.length, failure: failed.failure }
    const of = (name) => median(group.map((run) => run[name]))
    const figures = { wallMs: of('wallMs'), cpuMs: of('cpuMs'), serverMs: of('serverMs') }
    return {
      peer,
      setting,
      atOnce,
      isFloor,
      n: group.length,
      ...figures,
      mb: Math.max(...group.map(({ mb }) => mb)),
      counts,
    }
  })
}

function grouped(values, keyOf) {
  const groups = new Map()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return [...groups.values()]
}

const fastest = (rows) => rows.reduce((best, row) => (best && best.wallMs <= row.wallMs ? best : row), undefined)

/** Ours at the faster of its settings. */
export const oursOf = (rows) => fastest(rows.filter(({ peer, failure }) => peer === 'lading' && !failure))

/** Each peer at its fastest setting. */
export function rivalsOf(rows) {
  const others = rows.filter(({ peer, isFloor, failure }) => peer !== 'lading' && !isFloor && !failure)
  return grouped(others, ({ peer }) => peer).map(fastest)
}

/** Requests by operation, in the words of S3's bills. */
export function requestsIn(counts) {
  const { put = 0, part = 0, get = 0, head = 0, list = 0, copy = 0, del = 0, mpu = 0, other = 0 } = counts
  return { PUT: put + part, GET: get, HEAD: head, LIST: list, COPY: copy, DELETE: del, other: mpu + other }
}

export const totalOf = (counts) => Object.values(requestsIn(counts)).reduce((sum, count) => sum + count, 0)

/** What a program said, as a cell of a table holds it. */
export const oneLine = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
