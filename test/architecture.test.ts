import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The table of layers, held against the imports. A file belongs to the first row that matches it; a row says what
 * may be imported: files (patterns below src/), `node:` modules, packages, and what only by `import()`.
 */
interface Layer {
  readonly name: string
  readonly files: RegExp
  readonly mayImport: readonly RegExp[]
  readonly lateOnly?: readonly RegExp[]
  readonly packages: readonly RegExp[]
}

const WORDS = /^src\/(words|aws)\/|^src\/(version|runtime)\.ts$/
const THOUGHT =
  /^src\/(plan|rewrite|policy|stack|images\/plan|batch\/(plan|stack))\/|^src\/cdn\/(aliases|collapse)\.ts$|^src\/report\/(?!(?:logs|log-warnings|page|page-place)\.ts$)/
const PORTS = /^src\/(store\/store|cdn\/cdn|batch\/(queue|fleet|clock))\.ts$/
const DEEDS = /^src\/(site|transfer|live|images|report|batch\/(worker|receipts|leader|pack))\//
const ADAPTERS = /^src\/(store|cdn|batch\/(queues|fleets))\//
const ORDER =
  /^src\/(sync|providers)\.ts$|^src\/batch\/batch\.ts$|^src\/(line|verbs|draft|history|copying|watching|visitor|build|config|batch\/verbs)\//
const CONFIG_TYPES = /^src\/config\/interface\.ts$/
/** What package.json exports, and of it, to load no more: the version for `--version`, the doors of `build` for a plugin. */
const FRONT =
  /^src\/(index|version|runtime)\.ts$|^src\/(rewrite|build)\/index\.ts$|^src\/build\/(settle|documents|public-names|masks|scripts)\.ts$/

const NODE = /^node:/
const NO_FILES = /^node:(?!(fs|child_process|net|http|https|worker_threads)(\/|$))/

const LAYERS: readonly Layer[] = [
  { name: 'front', files: /^src\/index\.ts$/, mayImport: [WORDS, THOUGHT, PORTS, DEEDS, ORDER], packages: [] },
  { name: '0 words', files: WORDS, mayImport: [WORDS], packages: [] },
  {
    name: '1 thought',
    files: THOUGHT,
    mayImport: [WORDS, THOUGHT, CONFIG_TYPES, /^src\/store\/store\.ts$/],
    packages: [/^htmlparser2$/, /^es-module-lexer\/js$/, /^valibot$/, /^picomatch$/, NO_FILES],
  },
  { name: '2 ports', files: PORTS, mayImport: [WORDS], packages: [] },
  {
    name: '3 deeds',
    files: DEEDS,
    mayImport: [WORDS, THOUGHT, PORTS, DEEDS, CONFIG_TYPES],
    packages: [NODE, /^ignore$/, /^mime-types$/, /^thumbhash$/, /^sharp$/, /^valibot$/],
  },
  {
    name: '4 adapters',
    files: ADAPTERS,
    mayImport: [
      WORDS,
      PORTS,
      /^src\/store\/(aws-failure|key|condition|body-reader|buffer-pool|abort|open-files)\.ts$/,
      /^src\/store\/(wrappers|s3\/transport)\/|^src\/store\/(s3\/(?!s3\.ts)|folder\/(?!folder\.ts))[a-z-]+\.ts$/,
      /^src\/cdn\/(collapse|retry|cloudfront-[a-z]+|cloudflare-[a-z]+)\.ts$/,
      /^src\/batch\/queues\/(rules|(folder|sqs)-[a-z]+)\.ts$/,
      /^src\/batch\/fleets\/ec2-[a-z]+\.ts$/,
    ],
    packages: [NODE, /^@aws-sdk\//, /^@smithy\//, /^undici$/],
  },
  {
    name: '5 order',
    files: ORDER,
    mayImport: [WORDS, THOUGHT, PORTS, DEEDS, ORDER],
    lateOnly: [ADAPTERS],
    packages: [NODE, /^valibot$/, /^jiti$/],
  },
  {
    name: '6 faces: cli',
    files: /^src\/cli\//,
    mayImport: [FRONT, /^src\/cli\//],
    packages: [NODE, /^commander$/],
  },
  {
    name: '6 faces: plugins',
    files: /^plugins\//,
    mayImport: [FRONT, WORDS, /^src\/config\/(keys|mask)\.ts$/, /^plugins\//], // words: what a dev server loads
    packages: [NODE, /^(?:vite|webpack|rollup|rolldown|esbuild)$/, /^html-webpack-plugin$/, /^@rs(pack|build)\/core$/],
  },
]

const root = resolve(import.meta.dirname, '..')

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${dir}/${name}`)
}

interface Import {
  readonly from: string
  readonly late: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  for (const match of text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'([^']+)'/gm)) {
    found.push({ from: match[1] ?? '', late: false })
  }
  for (const match of text.matchAll(/(?:\bimport|[=>] require)\('([^']+)'\)/g))
    found.push({ from: match[1] ?? '', late: true })
  return found
}

function violation(file: string, layer: Layer, { from, late }: Import): string | undefined {
  if (!from.startsWith('.')) {
    return layer.packages.some((allowed) => allowed.test(from)) ? undefined : `${file} imports the package ${from}`
  }
  const target = relative(root, resolve(root, dirname(file), from))
  if (layer.mayImport.some((allowed) => allowed.test(target))) return undefined
  if (layer.lateOnly?.some((allowed) => allowed.test(target))) {
    return late ? undefined : `${file} imports ${target} at once; only by import()`
  }
  return `${file} (${layer.name}) may not import ${target}`
}

describe('the layers of ARCHITECTURE.md hold', () => {
  const files = [...sources('src'), ...sources('plugins')]

  it.each(files)('%s stands in a layer and imports only what that layer may', (file) => {
    const layer = LAYERS.find((candidate) => candidate.files.test(file))
    expect(layer, `${file} stands in no layer`).toBeDefined()
    if (!layer) return
    const wrong = importsOf(file).map((found) => violation(file, layer, found))
    expect(wrong.filter((text) => text !== undefined)).toEqual([])
  })

  it('only providers.ts names adapters', () => {
    const naming = files
      .filter((file) => !ADAPTERS.test(file))
      .filter((file) =>
        importsOf(file).some(({ from }) =>
          /(store\/(s3\/s3|folder\/folder|memory)|cdn\/(cloudfront|cloudflare))\.ts$/.test(from),
        ),
      )
    expect(naming).toEqual(['src/providers.ts'])
  })

  it('images know nothing of batches, which are made of them', () => {
    const knowing = files
      .filter((file) => file.startsWith('src/images/'))
      .filter((file) => importsOf(file).some(({ from }) => from.includes('/batch/')))
    expect(knowing).toEqual([])
  })

  it('finds the imports it looks for', () => {
    expect(importsOf('src/words/errors.ts')).toEqual([])
    expect(importsOf('src/words/events.ts').map(({ from }) => from)).toEqual(['./errors.ts', './model.ts'])
  })
})
