#!/usr/bin/env node
import { VERSION } from '../version.ts'
import { frontPage, HELP_WIDTH } from './front-page.ts'
import { nodeVersionProblem } from './node-version.ts'

// The build bundles this and its static imports into one CommonJS file: an ES module, however small, costs a fifth of
// Node's bare startup time, and a Node that is too old for the rest can still run this and say so.

/** Answers that need nothing but a fixed text. */
function answerTo([word = '', ...more]: readonly string[]): string | undefined {
  if (more.length > 0) return undefined
  if (['--version', '-V'].includes(word)) return `${VERSION}\n`
  return ['--help', '-h', 'help'].includes(word) ? frontPage(process.stdout.columns || HELP_WIDTH) : undefined
}

const problem = nodeVersionProblem(process.versions.node)
const answer = answerTo(process.argv.slice(2))
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 2
} else if (answer !== undefined) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return // a reader that has gone has seen enough
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 6
  })
  process.stdout.write(answer)
} else {
  void import('./process.ts').then(({ runProcess }) => runProcess())
}
