// What one whole process costs, whatever it is written in.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEASURER = new URL('./cost.py', import.meta.url).pathname
/** Longer than the slowest peer takes for what it is asked. */
const MOST_SECONDS = 1_200

/**
 * Runs a command to its end.
 * @param {readonly string[]} command
 * @param {{ env: Record<string, string>, cwd?: string }} options
 * @returns {{ wallMs: number, cpuMs: number, mb: number }} `mb`: the most memory that was resident
 */
export function costOf(command, { env, cwd }) {
  const dir = mkdtempSync(join(tmpdir(), 'lading-cost-'))
  try {
    const report = join(dir, 'report.json')
    const log = openSync(join(dir, 'log'), 'w')
    const args = [MEASURER, report, `${MOST_SECONDS}`, ...command]
    const { status, error } = spawnSync('python3', args, { env, cwd, stdio: ['ignore', log, log] })
    if (error || status !== 0)
      throw error ?? new Error(`python3 ended with ${status}: ${readFileSync(join(dir, 'log'))}`)
    const { code, ...cost } = JSON.parse(readFileSync(report, 'utf8'))
    if (code === 0) return cost
    const said = readFileSync(join(dir, 'log'), 'utf8').slice(-2_000)
    throw new Error(`${command.join(' ')}\nended with ${code}: ${said}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
