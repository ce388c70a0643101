import { resolve } from 'node:path'
import { setRecordAside } from './earlier-build.ts'
import { toldInFull } from './failure.ts'
import { type LadingPluginOptions, settle } from './options.ts'
import { finishBuild } from './outcome.ts'
import { corsNotice, movesAll } from './placement.ts'
import { NO_PUBLIC_FILES } from './public-files.ts'
import { type Output, relinkRollup, sortRollup } from './rollup-bundle.ts'
import {
  enterOutput,
  newRollupBuild,
  type OutputPlace,
  type RollupBuild,
  recordFor,
  settingsDigest,
} from './rollup-state.ts'
import { type AskedFile, fileUrl } from './rollup-url.ts'
import { refuseNeighbours } from './script-neighbours.ts'
import { provideTypes, publicDirOf, refuseUncopied, VIRTUAL, virtualModule } from './virtual.ts'

/** The part of a plugin's context that both bundlers have. */
interface Context {
  readonly meta: { readonly watchMode?: boolean; readonly rollupVersion?: string; readonly rolldownVersion?: string }
  info(message: string): void
  warn(message: string): void
  getFileName(referenceId: string): string
}

/** There is one build at a time, with any number of outputs. */
const BUILD = 'build'
/** `\0` marks a virtual module: no file has such a name. */
const VIRTUAL_ID = `\0${VIRTUAL}`

/** Placeholder for an output folder that is not known yet: inside the project, and not one in real use. */
const UNKNOWN_FOLDER = 'node_modules/.lading-output'

/** The hooks of `lading/rollup` and `lading/rolldown`, as far as both have the same. */
export interface RollupHooks {
  buildStart(this: Context): Promise<void>
  resolveId(id: string): string | undefined
  load(this: Context, id: string): Promise<string | undefined>
  augmentChunkHash(): string | undefined
  buildEnd(error?: Error): void
  renderStart(output: OutputPlace): Promise<void>
  renderError(): void
  resolveFileUrl(asked: AskedFile): string | undefined
  generateBundle: {
    order: 'post'
    handler(this: Context, output: OutputPlace, bundle: Record<string, Output>): Promise<void>
  }
  writeBundle: { order: 'post'; sequential: true; handler(): void }
  closeBundle: { order: 'post'; sequential: true; handler(this: Context, error?: Error): Promise<void> }
}

export function rollupHooks(options: LadingPluginOptions): RollupHooks {
  const build = newRollupBuild()
  const { lifecycle } = build
  return {
    buildStart() {
      return begin(build, options, this)
    },
    resolveId: (id) => (id === VIRTUAL ? VIRTUAL_ID : undefined),
    async load(id) {
      if (id !== VIRTUAL_ID) return undefined
      const cwd = process.cwd()
      const isDevelopment = this.meta.watchMode === true
      const place = { publicDir: publicDirOf(options, cwd), base: options.base ?? '/', settings: build.settings }
      const { code, files } = await virtualModule({ ...place, isDevelopment })
      build.publicFiles = files
      return code
    },
    augmentChunkHash: () => settingsDigest(build),
    buildEnd(error) {
      if (error !== undefined) lifecycle.fail(BUILD)
    },
    async renderStart(output) {
      const { settings } = build
      lifecycle.render(BUILD)
      if (settings === undefined) return
      const { siteDir } = options
      await toldInFull(() => enterOutput(build, { settings, siteDir, output }))
      // From here on the files are no longer those that an earlier build recorded.
      if (build.root !== undefined) await setRecordAside(build.root)
    },
    renderError: () => lifecycle.fail(BUILD),
    resolveFileUrl: (asked) => fileUrl(build, asked),
    generateBundle: {
      order: 'post',
      handler(output, bundle) {
        return toldInFull(() => sortInto(build, { patterns: output, bundle, context: this }))
      },
    },
    writeBundle: { order: 'post', sequential: true, handler: () => lifecycle.write(BUILD) },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler(error) {
        if (error !== undefined) lifecycle.fail(BUILD)
        lifecycle.end(BUILD)
        if (lifecycle.hasSucceeded(BUILD)) await publish(build, this)
      },
    },
  }
}

async function begin(build: RollupBuild, options: LadingPluginOptions, context: Context): Promise<void> {
  // Rollup calls `buildStart` once, Rolldown once per output.
  if (!build.lifecycle.begin(BUILD, context.meta.rolldownVersion === undefined ? 1 : 'any')) return
  build.fileUrls.clear()
  build.publicFiles = NO_PUBLIC_FILES
  build.sorted = { files: new Map(), origin: new Set() }
  build.root = undefined
  build.folder = undefined
  build.settings = undefined
  const cwd = process.cwd()
  await provideTypes(options, { cwd, publicDir: publicDirOf(options, cwd) })
  if (context.meta.watchMode) {
    context.info('watching: addresses are left as they are and nothing is sent')
    return
  }
  // The output folder is known only at render time; everything else is checked now.
  const outDir = resolve(options.siteDir ?? UNKNOWN_FOLDER)
  const settings = await toldInFull(() => settle(options, { cwd, outDir, base: undefined, env: process.env }))
  build.settings = settings
  const { addresses, rewrite } = settings
  if (rewrite && addresses !== undefined && !movesAll(addresses)) context.info(corsNotice(addresses))
}

interface Generated {
  readonly patterns: OutputPlace
  readonly bundle: Record<string, Output>
  readonly context: Context
}

/** One of possibly several outputs, added to what the build's record will say. */
async function sortInto(build: RollupBuild, { patterns, bundle, context }: Generated): Promise<void> {
  const { settings, sitePath, sorted } = build
  if (settings === undefined) return
  const fileUrls = new Map(
    [...build.fileUrls].flatMap(([id, told]) => {
      const name = nameOf(context, id)
      return name === undefined ? [] : [[name, told] as const]
    }),
  )
  const room = { settings, patterns, fileUrls, sitePath }
  const more = sortRollup(bundle, room)
  const { addresses, rewrite } = settings
  if (rewrite && addresses !== undefined) await relinkRollup(bundle, more, { ...room, addresses })
  for (const [path, file] of more.files) sorted.files.set(path, file)
  for (const path of more.origin) sorted.origin.add(path)
}

/** Undefined for a file that only another output has. */
function nameOf(context: Context, referenceId: string): string | undefined {
  try {
    return context.getFileName(referenceId)
  } catch {
    return undefined
  }
}

async function publish(build: RollupBuild, context: Context): Promise<void> {
  const { settings, root, lifecycle, publicFiles } = build
  if (settings === undefined || root === undefined || !lifecycle.finishOnce()) return
  const { rolldownVersion, rollupVersion } = context.meta
  const bundler = rolldownVersion === undefined ? `rollup ${rollupVersion}` : `rolldown ${rolldownVersion}`
  const line = await toldInFull(async () => {
    refuseUncopied(publicFiles.keys, root)
    const { addresses, rewrite } = settings
    if (rewrite && addresses !== undefined) await refuseNeighbours({ root, files: build.sorted.files, addresses })
    return finishBuild({
      settings,
      outDir: root,
      record: recordFor(settings, bundler, build),
      warn: (text) => context.warn(text),
    })
  })
  context.info(line)
}
