// Adds up the reports that vitest left in a folder and prints the closing line. Fails when a test failed or none ran.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
const sum = (field) => reports.reduce((total, report) => total + report[field], 0)

const passed = sum('numPassedTests')
const failed =
  sum('numFailedTests') + reports.filter(({ success, numFailedTests }) => !success && numFailedTests === 0).length
const skipped = sum('numPendingTests') + sum('numTodoTests')
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
