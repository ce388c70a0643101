#!/usr/bin/env node
import { nodeVersionProblem } from './node-version.ts'

// Everything else is imported after this check: an older Node would stop at a missing export, not at our sentence.
const problem = nodeVersionProblem(process.versions.node)
if (problem === undefined) {
  const { runProcess } = await import('./process.ts')
  await runProcess()
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 2
}
