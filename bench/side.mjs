// One side of a comparison in a process of its own: `node side.mjs SIDE EXTENSION` prints its speed and what it edited.
// The time is the process's own CPU time, so that a busy machine does not speak for either side.
import { createHash } from 'node:crypto'
import { corpus } from './corpus.mjs'

/** Long enough that compiling and collecting garbage weigh as they do in a long run. */
const SECONDS = 2

const [side, extension] = process.argv.slice(2)
const { rewrite } = await import(`./sides/${side}.mjs`)
const files = corpus(extension)
const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)

const found = files.map((file) => {
  const { text, edits } = rewrite(file)
  return { name: file.name, edits, hash: createHash('sha256').update(text).digest('hex') }
})

let passes = 0
const start = process.cpuUsage()
// asking for the CPU time costs too much to be done after each pass of the faster side
for (const until = performance.now() + SECONDS * 1000; performance.now() < until; passes += 1) {
  for (const file of files) rewrite(file)
}
const { user, system } = process.cpuUsage(start)
const seconds = (user + system) / 1e6
console.log(JSON.stringify({ megabytesPerSecond: (bytes * passes) / 1e6 / seconds, bytes, found }))
