import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERROR_EXIT, EXIT } from '../src/index.ts'
import { tableRows } from './rig/markdown-table.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Cells of the rows whose first cell matches; without the marks of code. */
function rowsOf(path: string, first: RegExp): string[][] {
  return tableRows(textOf(path))
    .map((row) => row.map((cell) => cell.replaceAll('`', '')))
    .filter(([cell = '']) => first.test(cell))
}

/** Names in quotation marks of a declaration, which ends with an empty line or a closing bracket. */
const namesIn = (path: string, declaration: string): string[] => {
  const [, text = ''] = textOf(path).split(declaration)
  return [...(text.split(/\n(?:\]|\n)/)[0] ?? '').matchAll(/'(W_\w+)'/g)].map(([, name = '']) => name)
}

describe('docs/codes.md', () => {
  it('has every error code once, in order, with its exit code, a meaning and what to do', () => {
    const rows = rowsOf('docs/codes.md', /^E_/)
    const codes = Object.entries(ERROR_EXIT).sort(([a], [b]) => (a < b ? -1 : 1))
    expect(rows.map(([code, exit]) => [code, Number(exit)])).toEqual(codes)
    for (const row of rows)
      expect(
        row.every((cell) => cell !== ''),
        row[0],
      ).toBe(true)
  })

  it('has every warning code once, in order, and says which ones strict makes errors', () => {
    const rows = rowsOf('docs/codes.md', /^W_/)
    const codes = namesIn('src/words/events.ts', 'export type WarningCode =').sort()
    const strict = new Set(namesIn('src/draft/warnings.ts', 'const STRICT: ReadonlySet<WarningCode> = new Set(['))
    expect(codes.length).toBeGreaterThan(30)
    expect(strict.size).toBeGreaterThan(10)
    expect(rows.map(([code, mark]) => [code, mark === 'yes'])).toEqual(codes.map((code) => [code, strict.has(code)]))
    for (const [code, , ...texts] of rows)
      expect(
        texts.every((cell) => cell !== ''),
        code,
      ).toBe(true)
  })

  it('explains every exit code', () => {
    const rows = rowsOf('docs/codes.md', /^\d+$/)
    expect(rows.map(([exit]) => Number(exit))).toEqual(Object.values(EXIT))
  })
})

it('every warning code is used', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const used = sources
    .filter((name) => name.endsWith('.ts') && name !== 'events.ts')
    .map((name) => textOf(join('src', name)))
    .join('\n')
  const unused = namesIn('src/words/events.ts', 'export type WarningCode =').filter(
    (code) => !used.includes(`'${code}'`),
  )
  expect(unused).toEqual([])
})

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md'].concat(
  readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
)

it.each(pages)('%s links only to files and headings that are there', (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link)
  const broken = links.filter((link) => {
    if (/^https?:/.test(link)) return false
    const [path = '', heading] = link.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, file))) return true
    return heading !== undefined && !headingsOf(file).includes(heading)
  })
  expect(broken).toEqual([])
})

/** As GitHub names them. */
function headingsOf(path: string): string[] {
  return [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('the table of layers in ARCHITECTURE.md', () => {
  const table = textOf('ARCHITECTURE.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .join('\n')

  /** Names in backticks; `batch/{a,b}*` stands for `batch/a` and `batch/b`, and what begins so. */
  const names = [...table.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => {
    const [, folder = '', inside] = /^([^{]*)\{([^}]*)\}/.exec(name) ?? []
    return inside === undefined ? [name] : inside.split(',').map((one) => folder + one)
  })

  const here = (folder: string): string[] =>
    readdirSync(join(root, 'src', folder)).map((name) => join(folder, name).replace(/\.ts$/, ''))

  it.each(here('').filter((name) => !/^(?:store|cdn|batch)$/.test(name)))('names %s', (name) => {
    expect(names.some((one) => one === name || one === `${name}/` || one.startsWith(`${name}/`))).toBe(true)
  })

  it('names every part of batch/', () => {
    expect(here('batch').filter((name) => !names.some((one) => one === name || one === `${name}/`))).toEqual([])
  })
})
