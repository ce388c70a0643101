// Runs the benches: `npm run bench`, or `npm run bench -- rewrite` for one; what follows a flag belongs to the bench.
// Each is a file here with a `run` that prints its table and answers whether every target was met. Times are printed,
// never asserted in tests. `speed` wants bench/peers.sh to have run.
const BENCHES = ['rewrite', 'pages', 'plugin', 'images', 'batch', 'start', 'put', 'pace', 'speed']

const args = process.argv.slice(2)
const firstFlag = args.findIndex((arg) => arg.startsWith('--'))
const asked = firstFlag < 0 ? args : args.slice(0, firstFlag)
const flags = firstFlag < 0 ? [] : args.slice(firstFlag)
const unknown = asked.filter((name) => !BENCHES.includes(name))
if (unknown.length > 0) {
  console.error(`no bench "${unknown.join('", "')}"; there are: ${BENCHES.join(', ')}`)
  process.exit(2)
}

let isMet = true
for (const name of asked.length > 0 ? asked : BENCHES) {
  const { run } = await import(`./${name}.mjs`)
  isMet = (await run(flags)) && isMet
}
process.exitCode = isMet ? 0 : 1
