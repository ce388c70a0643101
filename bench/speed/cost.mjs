// What one whole process costs, whatever it is written in.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEASURER = new URL('./cost.py', import.meta.url).pathname
/** Longer than the slowest peer takes for what it is asked. */
const MOST_SECONDS = 1_200

/**
 * Runs a command to its end.
 * @param {readonly string[]} command
 * @param {{ env: Record<string, string>, cwd?: string }} options
 * @returns {{ wallMs: number, cpuMs: number, mb: number, code: number, said: string }} `mb`: the most memory that was
 *   resident; `code`: negative for a signal; `said`: the end of what it printed
 */
export function outcomeOf(command, { env, cwd }) {
  const dir = mkdtempSync(join(tmpdir(), 'lading-cost-'))
  try {
    const report = join(dir, 'report.json')
    const log = openSync(join(dir, 'log'), 'w')
    const args = [MEASURER, report, `${MOST_SECONDS}`, ...command]
    const { status, error } = spawnSync('python3', args, { env, cwd, stdio: ['ignore', log, log] })
    closeSync(log)
    const said = readFileSync(join(dir, 'log'), 'utf8').slice(-2_000)
    if (error || status !== 0) throw error ?? new Error(`python3 ended with ${status}: ${said}`)
    return { ...JSON.parse(readFileSync(report, 'utf8')), said }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The same of a command that has to succeed. */
export function costOf(command, options) {
  const { code, said, ...cost } = outcomeOf(command, options)
  if (code !== 0) throw new Error(`${command.join(' ')}\nended with ${code}: ${said}`)
  return cost
}

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
