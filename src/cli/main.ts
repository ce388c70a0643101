#!/usr/bin/env node
import { nodeVersionProblem } from './node-version.ts'

// Everything else is imported after this check: an older Node would stop at a missing export, not at our sentence.
const problem = nodeVersionProblem(process.versions.node)
const [word = '', ...more] = process.argv.slice(2)
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 2
} else if (more.length === 0 && ['--version', '-V'].includes(word)) {
  // Asked by scripts at every turn; it needs nothing of a command line.
  const { VERSION } = await import('../version.ts')
  process.stdout.write(`${VERSION}\n`)
} else {
  const { runProcess } = await import('./process.ts')
  await runProcess()
}
