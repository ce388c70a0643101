// bench/RESULTS.md: each part of it is between two marks, and a run writes anew the parts that it measured.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { targetList } from './table.mjs'

const FILE = new URL('../RESULTS.md', import.meta.url)
const HEAD = `# Measured

Written by \`npm run bench -- put --write\`, and by \`batch\`, \`pace\`, \`start\` and \`speed\` in its place; every part by
the run that it names. Whole processes in turn, the medians of n, memory the most of them; a ratio is that client's figure divided by
ours at the faster of our settings. Wins and losses alike. Wall times mean something only where the load of the machine
is low. The servers: \`s3d\` answers from memory, so that the client is what is measured; \`versitygw\` is a real one, on a
memory file system. \`bare sender\` is no peer but a floor: a first upload in Node that reads, hashes, signs and sends, and plans,
checks, proves and records nothing. How to repeat it: \`bench/peers.sh\`, then \`npm run bench -- speed --write\`.
`

/** What the figures were measured on. */
export function machine() {
  const [cpu] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${cpus().length} x ${cpu?.model ?? 'unknown'}, ${memory}, ${process.platform}, Node ${process.versions.node}`
}

/** Puts a part in its place in the file, or at the end, and counts anew what was met. */
export function writePart(name, text) {
  const old = existsSync(FILE) ? readFileSync(FILE, 'utf8') : placed(HEAD, 'summary', '')
  const whole = placed(old, name, text)
  const met = whole.match(/^- met: /gm)?.length ?? 0
  const missed = whole.match(/^- \*\*MISSED\*\*: /gm)?.length ?? 0
  writeFileSync(FILE, placed(whole, 'summary', `${met} of ${met + missed} targets are met.`))
}

function placed(whole, name, text) {
  const mark = `<!-- ${name} -->`
  const end = `<!-- end of ${name} -->`
  const from = whole.indexOf(mark)
  const to = whole.indexOf(end)
  const part = `${mark}\n${text}\n${end}\n`
  return from < 0 ? `${whole}\n${part}` : whole.slice(0, from) + part + whole.slice(to + end.length + 1)
}

/**
 * Prints a part, and writes it with `--write`.
 * @returns {boolean} whether every target was met
 */
export function publish({ name, title, about, targets }, flags) {
  const text = `### ${title}\n\n${about} Load of the machine ${loadavg()[0].toFixed(1)}.\n\n${targetList(targets)}`
  console.log(`${text}\n`)
  if (flags.includes('--write')) writePart(name, text)
  return targets.every(({ isMet }) => isMet)
}
