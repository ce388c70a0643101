import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RsbuildConfig } from '@rsbuild/core'
import { buildVite, buildWebpack } from '../bundlers/builds.ts'
import { buildRsbuild } from '../bundlers/rsbuild-builds.ts'
import { buildRspack } from '../bundlers/rspack-builds.ts'
import { VITES } from '../bundlers/vites.ts'
import { click, type Stop } from './journey.ts'
import { type Asked, buildEsbuild, buildRolldown, buildRollup, copyYard } from './yard-bundlers.ts'

/** One row of the table: an application and what builds it. */
export interface Build {
  readonly name: string
  /** Puts the sources into an empty folder. */
  copy(root: string): void
  /** @returns the folder of the output */
  bundle(asked: Asked): Promise<string>
  /** Its routes; its page opens at the first one, whose link is taken all the same. */
  readonly stops: readonly [Stop, Stop, Stop]
  /** Pictures that only move with CORS: masks, and those that a sheet or the bundler names beside the scripts. */
  readonly needsCors: readonly RegExp[]
  /** A change of the second stop's component. */
  readonly edit: Edit
}

/** Another word in one component, and what that makes new. */
export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
  /** Keys: the component's chunk, and the script that names it. */
  readonly changes: RegExp
}

/** Asks `virtual:lading` for the address of a file that nothing else on the page fetches. */
const ASKING = `
import { assetUrl } from 'virtual:lading'
const asked = new Image(160, 80)
asked.src = assetUrl('/img/share.png')
document.querySelector('footer').append(asked)
`

const examples = resolve(import.meta.dirname, '../../examples')

function copyExample(name: string, entry: string): Build['copy'] {
  return (root) => {
    const isSource = (path: string): boolean => !/\/(?:node_modules|dist|\.lading[^/]*)$/.test(path)
    cpSync(join(examples, name), root, { recursive: true, filter: isSource })
    appendFileSync(join(root, entry), ASKING)
  }
}

type Bundle = (asked: Asked) => Promise<{ readonly outDir: string; readonly errors?: readonly string[] }>

function whole(bundle: Bundle): Build['bundle'] {
  return async (asked) => {
    const { outDir, errors = [] } = await bundle(asked)
    if (errors.length > 0) throw new Error(errors.join('\n'))
    return outDir
  }
}

function harbour(name: string, bundle: Bundle): Build {
  return {
    name: `examples/vite by ${name}`,
    copy: copyExample('vite', 'src/main.ts'),
    bundle: whole(bundle),
    stops: [
      { name: 'Today', act: click('Today', '/') },
      { name: 'Fleet', act: click('Fleet', '/fleet') },
      { name: 'Tides', act: click('Tides', '/tides', /Worked out beside the page: 12 hours/) },
    ],
    needsCors: [/\/wave-[^/]*\.svg$/],
    edit: {
      file: 'src/routes/fleet.ts',
      from: 'The fleet',
      to: 'Every ship',
      changes: /^a\/assets\/(?:index|fleet)-[^/]+\.js$/,
    },
  }
}

function lighthouse(name: string, bundle: Bundle, changes = /^a\/js\/(?:main|\d+)\.[^/]+\.js$/): Build {
  return {
    name: `examples/webpack by ${name}`,
    copy: copyExample('webpack', 'src/main.js'),
    bundle: whole(bundle),
    stops: [
      { name: 'Tonight', act: click('Tonight', '/') },
      { name: 'Keeper', act: click('Keeper', '/keeper') },
      { name: 'Lamp', act: click('Lamp', '/lamp', /Worked out beside the page: \d+ flashes/) },
    ],
    needsCors: [],
    edit: { file: 'src/routes/keeper.js', from: 'since 1907', to: 'since 1903', changes },
  }
}

function yard(name: string, bundle: Build['bundle'], needsCors: readonly RegExp[]): Build {
  return {
    name: `a yard by ${name}`,
    copy(root) {
      copyYard(root)
      appendFileSync(join(root, 'src/main.js'), ASKING)
    },
    bundle,
    stops: [
      { name: 'Slip', act: click('Slip', '/') },
      { name: 'Crane', act: click('Crane', '/crane') },
      { name: 'Rope', act: click('Rope', '/rope', /Worked out beside the page: 21 strands/) },
    ],
    needsCors,
    edit: {
      file: 'src/routes/crane.js',
      from: 'twelve tons',
      to: 'twenty tons',
      changes: /^a\/(?:main|chunks\/crane)-[^/]+\.js$/,
    },
  }
}

/** As the example's own config has it for webpack. */
const RSBUILD: RsbuildConfig = {
  source: { entry: { index: './src/main.js' } },
  html: { template: './src/index.html' },
  output: { dataUriLimit: 0 },
  tools: { cssLoader: { url: { filter: (url) => !url.startsWith('/') } } },
}

export const BUILDS: readonly Build[] = [
  ...VITES.map(({ name, vite }) => harbour(name, (asked) => buildVite({ ...asked, vite }))),
  lighthouse('webpack', (asked) => buildWebpack(asked)),
  lighthouse('Rspack', (asked) => buildRspack(asked)),
  lighthouse('Rsbuild', (asked) => buildRsbuild({ ...asked, config: RSBUILD }), /^a\/static\/js\/.*\.js$/),
  // A sheet that stays is left as it is, with the names of copies beside it.
  yard('Rollup', buildRollup, [/\/assets\/images\//]),
  yard('Rolldown', buildRolldown, [/\/assets\/images\//]),
  // One public path for scripts and pictures alike.
  yard('esbuild', buildEsbuild, [/\/assets\//]),
]

/** Changes the component in place. */
export function editIn(root: string, { file, from, to }: Edit): void {
  const text = readFileSync(join(root, file), 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold "${from}"`)
  writeFileSync(join(root, file), text.replace(from, to))
}
