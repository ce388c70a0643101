import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFacts } from '../../../src/site/read.ts'
import { scan } from '../../../src/site/scan/scan.ts'
import { levelOf } from '../../../src/site/secrets/anchors.ts'
import { unnamedDumps } from '../../../src/site/secrets/unnamed-dumps.ts'
import { buildVite, buildWebpack } from '../../bundlers/builds.ts'
import { SITES, type SiteSource } from '../../rig/sites.ts'

/** More than this share of files that stop a run without a reason would teach people to switch the guards off. */
const TOLERATED = 0.005

const modules = join(dirname(createRequire(import.meta.url).resolve('webpack/package.json')), '..')

/** Libraries whose files lie on web servers, and tools whose sources hold what secrets begin with. */
const PACKAGES = [
  '@fortawesome/fontawesome-free',
  'bootstrap',
  'chart.js',
  'datatables.net',
  'highlight.js',
  'jquery',
  'lodash',
  'moment',
  'parse5',
  'playwright-core',
  'popper.js',
  'postcss',
  'valibot',
  'vite',
  'webpack',
  'yaml',
]

const builds: readonly SiteSource[] = [
  { name: 'examples/vite, built', folder: (await buildVite()).outDir },
  { name: 'examples/webpack, built', folder: (await buildWebpack()).outDir },
]
const packages = PACKAGES.map((name) => ({ name, folder: join(modules, name) }))

interface Looked {
  readonly name: string
  readonly files: number
  readonly alarms: readonly string[]
}

/** Every file of a folder looked at as a run would; paths and addresses of machines are no alarms but traces. */
function lookedAt({ name, folder }: SiteSource): Looked {
  const policy = { include: [], exclude: ['node_modules'], strict: false, allowControl: true }
  const { files, secrets } = scan({ root: folder, ...policy })
  const contents = files.flatMap((file) =>
    readFacts(file)
      .findings.filter(({ rule }) => !['local path', 'local address'].includes(levelOf(rule)))
      .map(({ rule, line }) => `${file.path}:${line} ${rule}`),
  )
  const names = [...secrets, ...unnamedDumps(files, [])].map(({ path, rule }) => `${path} ${rule}`)
  return { name, files: files.length, alarms: [...names, ...contents] }
}

const sites = [...SITES, ...builds].map(lookedAt)
const corpus = packages.map(lookedAt)
const filesOf = (looked: readonly Looked[]): number => looked.reduce((sum, { files }) => sum + files, 0)

describe(`${filesOf(sites)} files of real sites and examples`, () => {
  it.each(sites)('$name: no alarm in $files files', ({ alarms }) => expect(alarms).toEqual([]))
})

const alarms = corpus.flatMap(({ name, alarms }) => alarms.map((alarm) => `${name}/${alarm}`))

describe(`${filesOf(corpus)} files of ${corpus.length} packages`, () => {
  it('are more than four hundred', () => expect(filesOf(corpus)).toBeGreaterThan(400))

  it(`raise ${alarms.length} alarms, which is at most one in two hundred`, () => {
    expect(alarms.length, alarms.join('\n')).toBeLessThanOrEqual(filesOf(corpus) * TOLERATED)
  })
})
