// Runs the benches: `npm run bench`, or `npm run bench -- rewrite` for one. Each is a file here with a `run` that prints
// its table and answers whether every target was met. Times are printed, never asserted in tests.
const BENCHES = ['rewrite', 'pages', 'plugin', 'images']

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !BENCHES.includes(name))
if (unknown.length > 0) {
  console.error(`no bench "${unknown.join('", "')}"; there are: ${BENCHES.join(', ')}`)
  process.exit(2)
}

let isMet = true
for (const name of asked.length > 0 ? asked : BENCHES) {
  const { run } = await import(`./${name}.mjs`)
  isMet = (await run()) && isMet
}
process.exitCode = isMet ? 0 : 1
