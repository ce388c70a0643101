// A part as Markdown: a table for each situation, then what was to be reached there.
import { SITUATIONS, titleOf } from './plan.mjs'
import { oneLine, oursOf, requestsIn, rowsOf } from './rows.mjs'
import { atEqualConcurrency, targetsOf } from './targets.mjs'

/** Load up to which wall times are the clients' own. The bench itself makes about 1 to 2 of it. */
const QUIET = 3

/** @returns {{ text: string, targets: readonly Target[], failed: number }} `failed`: settings of peers that did not do it */
export function partTable(measured, missing) {
  const { part, loads, files, bytes } = measured
  const blocks = [`### ${titleOf(part)}`, about({ part, loads, files, bytes })]
  if (missing.length > 0) blocks.push(missing.map(({ peer, reason }) => `**${peer} is missing**: ${reason}`).join('\n'))
  const all = []
  let failed = 0
  for (const situation of part.situations) {
    const rows = rowsOf(measured, situation)
    if (rows.length === 0) continue
    const targets = targetsOf(measured, situation, rows)
    const failures = rows.filter(({ peer, failure }) => peer !== 'lading' && failure)
    all.push(...targets)
    failed += failures.length
    const told = situation === 'first' ? atEqualConcurrency(rows) : []
    const verdicts = [targetList(targets), ...told].filter(Boolean).join('\n')
    blocks.push(`**${SITUATIONS[situation]}**`, rowTable(rows), failureList(failures), verdicts)
  }
  return { text: blocks.filter((block) => block !== '').join('\n\n'), targets: all, failed }
}

/** A peer that did not do it is compared with nothing, there and in what would have followed. */
const failureList = (rows) =>
  rows.map(({ peer, setting, failure }) => `**${peer} (${setting}) failed**: ${oneLine(failure)}`).join('\n')

function about({ part, loads, files, bytes }) {
  const least = Math.min(...loads).toFixed(1)
  const most = Math.max(...loads).toFixed(1)
  const size = `${files.toLocaleString('en')} files, ${(bytes / 1e6).toFixed(0)} MB`
  const warning = Math.max(...loads) > QUIET ? ' **The machine was busy: read the CPU times, not the wall times.**' : ''
  return `${size}; ${new Date().toISOString().slice(0, 16)}Z; load of the machine ${least} to ${most}; ${part.rounds} rounds.${warning}`
}

function rowTable(rows) {
  const ours = oursOf(rows)
  const head = ['client', 'setting', 'n', 'wall', 'ratio', 'CPU', 'ratio', 'memory', "server's CPU", 'requests']
  const lines = rows.map((row) =>
    row.failure
      ? [row.peer, row.setting, row.n, 'failed', ...Array(6).fill('-')]
      : [
          ...[row.peer, row.setting, row.n, seconds(row.wallMs), ratio(row.wallMs, ours?.wallMs)],
          ...[seconds(row.cpuMs), ratio(row.cpuMs, ours?.cpuMs), `${row.mb.toFixed(0)} MB`, seconds(row.serverMs)],
          row.counts ? requestText(row.counts) : '-',
        ],
  )
  const rule = head.map((_, index) => (index === 0 || index === 1 || index === 9 ? '---' : '--:'))
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`
const ratio = (value, base) => (base ? (value / base).toFixed(2) : '-')

function requestText(counts) {
  const asked = Object.entries(requestsIn(counts)).filter(([, count]) => count > 0)
  return asked.map(([name, count]) => `${count} ${name}`).join(', ') || 'none'
}

export const targetList = (targets) =>
  targets.map(({ text, value, isMet }) => `- ${isMet ? 'met' : '**MISSED**'}: ${text}: ${value}`).join('\n')
