import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTypes } from '../plugins/virtual-types.ts'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'lading-types-'))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(root, join(folder, 'node_modules/lading'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const plugins = Object.keys(exports).filter((name) =>
  /^\.\/(?:vite|webpack|rspack|rsbuild|rollup|rolldown|esbuild)$/.test(name),
)

interface Compiled {
  readonly status: number | null
  readonly stdout: string
}

/** Types alone, of files that are named by their module system: `x.mts`, `x.cts`, `x.ts`. */
function compile(files: Readonly<Record<string, string>>, module: string, resolution = module): Compiled {
  const place = mkdtempSync(join(folder, 'case-'))
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
  const options = {
    module,
    moduleResolution: resolution,
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const tsconfig = { compilerOptions: options, files: Object.keys(files) }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc, '-p', place], { encoding: 'utf8' })
}

const imports = [
  ...plugins.map(
    (name, at) => `import plugin${at} from 'lading${name.slice(1)}'\nplugin${at}({ url: '/_a/', upload: false })`,
  ),
  "import { createAssetUrl } from 'lading/runtime'\nexport const url: string = createAssetUrl([])('/x')",
  "import { sync } from 'lading'\nimport { htmlReferences } from 'lading/rewrite'\nexport const both = [sync, htmlReferences]",
].join('\n')

const requires = [
  ...plugins.map(
    (name, at) => `import plugin${at} = require('lading${name.slice(1)}')\nplugin${at}({ url: '/_a/', upload: false })`,
  ),
  "import runtime = require('lading/runtime')\nexport const url: string = runtime.createAssetUrl([])('/x')",
].join('\n')

describe('types resolve', () => {
  it.each([
    ['node16, from ESM', { 'main.mts': imports }, 'node16', 'node16'],
    ['nodenext, from ESM', { 'main.mts': imports }, 'nodenext', 'nodenext'],
    ['nodenext, from CommonJS', { 'main.cts': requires }, 'nodenext', 'nodenext'],
    ['bundler', { 'main.ts': imports }, 'esnext', 'bundler'],
  ])('under %s', (_name, files, module, resolution) => {
    expect(compile(files, module, resolution)).toMatchObject({ status: 0, stdout: '' })
  })

  it('and a wrong option is told', () => {
    const { stdout } = compile(
      { 'main.mts': "import lading from 'lading/rollup'\nlading({ uplaod: true })" },
      'nodenext',
    )
    expect(stdout).toMatch(/'uplaod' does not exist/)
  })
})

describe('the types of virtual:lading', () => {
  const use = (path: string): string =>
    `import { assetUrl } from 'virtual:lading'\nexport const url: string = assetUrl('${path}')\n`

  it('take any path with lading/client alone', () => {
    const files = { 'env.d.ts': '/// <reference types="lading/client" />\n', 'main.ts': use('/any.png') }
    expect(compile(files, 'esnext', 'bundler')).toMatchObject({ status: 0, stdout: '' })
  })

  it('take the files that exist, with query and fragment, and no other, once the plugin has written them', () => {
    const declared = join(folder, 'lading-env.d.ts')
    writeTypes(declared, ['/img/logo.png', '/a "b".svg'])
    const env = readFileSync(declared, 'utf8')
    const right = `${use('/img/logo.png?v=1')}assetUrl('/a "b".svg#x'); assetUrl('/img/logo.png')\n`
    expect(compile({ 'env.d.ts': env, 'main.ts': right }, 'esnext', 'bundler')).toMatchObject({ status: 0, stdout: '' })
    const wrong = compile({ 'env.d.ts': env, 'main.ts': use('/img/lgoo.png') }, 'esnext', 'bundler')
    expect(wrong.stdout).toMatch(/main\.ts\(2,\d+\): error TS2345: .*\/img\/lgoo\.png/)
  })
})
