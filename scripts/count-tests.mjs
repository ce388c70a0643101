// Adds up the reports that vitest left in a folder, names what failed and prints the closing line. Fails when a test
// failed or none ran.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Characters of a failure: what was expected and where, without the page that came instead. */
const MESSAGE_LENGTH = 1500

const folder = process.argv[2]
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
const sum = (field) => reports.reduce((total, report) => total + report[field], 0)

const passed = sum('numPassedTests')
const failed =
  sum('numFailedTests') + reports.filter(({ success, numFailedTests }) => !success && numFailedTests === 0).length
const skipped = sum('numPendingTests') + sum('numTodoTests')
for (const { testResults } of reports)
  for (const { name, message, assertionResults } of testResults) {
    const failures = assertionResults.filter(({ status }) => status === 'failed')
    for (const { fullName, failureMessages } of failures)
      console.log(`failed: ${relative('.', name)}: ${fullName}\n${failureMessages.join('\n').slice(0, MESSAGE_LENGTH)}`)
    if (failures.length === 0 && message) console.log(`failed: ${relative('.', name)}: ${message}`)
  }
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
