import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ELSEWHERE, LATER } from './later.ts'

/** How many rows each table of bad input, and that of bad answers, has. */
const TABLES = { A: 32, B: 18, C: 18, D: 18, E: 25, F: 31, G: 14, H: 18, I: 12, J: 20 } as const

const root = join(import.meta.dirname, '..')

/** Row names in the titles of tests and scenarios: `it('A01: …')`, `['A01', …]`, `# E16 …`. */
function rowsTested(): Set<string> {
  const rows = new Set<string>()
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!/\.test\.ts$|scenarios\/.*\.txt$/.test(name)) continue
    const text = readFileSync(join(root, name), 'utf8')
    for (const title of text.matchAll(/(?:\b(?:it|describe)(?:\.\w+)*\(|\]\)\(|^\s*\[|^#).*/gm)) {
      for (const [row] of title[0].matchAll(/\b[A-J]\d\d\b/g)) rows.add(row)
    }
  }
  return rows
}

const rows = Object.entries(TABLES).flatMap(([table, count]) =>
  Array.from({ length: count }, (_, index) => `${table}${String(index + 1).padStart(2, '0')}`),
)

it('every row of the tables of bad input has a test, or is listed with the part of the work that brings it', () => {
  const tested = rowsTested()
  expect(rows.filter((row) => !tested.has(row) && ELSEWHERE[row] === undefined && LATER[row] === undefined)).toEqual([])
})

it('no row is both tested and put off', () => {
  const tested = rowsTested()
  expect(Object.keys(LATER).filter((row) => tested.has(row) || ELSEWHERE[row] !== undefined)).toEqual([])
})

it.each(Object.entries(ELSEWHERE))('row %s is tested where the list says', (_row, [file, text]) => {
  expect(readFileSync(join(root, file), 'utf8')).toContain(text)
})
