import {
  type FileEvent,
  type RewriteOptions,
  type Rewritten,
  resolveRewrite,
  rewriteSite,
  type WarningEvent,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { REWRITE_OPTIONS } from '../options.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { fileLine, KEY_WIDTH, pathFrom, referenceLine } from '../reporters/lines.ts'
import { nextSteps, rewrittenLine } from '../reporters/rewritten.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { hanging } from '../reporters/wrap.ts'
import { loadFor, runOf, type Voice, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const options = await optionsFor(input)
  const voice = voiceOf(input)
  const files: FileEvent[] = []
  const warnings: WarningEvent[] = []
  const stays: string[] = []
  const found = await rewriteSite(options, {
    ...runOf(input.io, (event) => {
      if (voice.isJson) input.io.stdout.write(jsonRecord(event))
      else if (event.type === 'file') files.push(event)
      else if (event.type === 'reference') stays.push(`  ${referenceLine(event)}\n`)
      else if (event.type === 'warning') warnings.push(event)
    }),
    tellsReferences: voice.isVerbose,
  })
  if (voice.isJson) input.io.stdout.write(jsonSummary(found))
  else if (!voice.isQuiet) say(found, { files, stays, warnings, voice, options, cwd: input.io.cwd })
  return found.exit
}

async function optionsFor(input: CommandInput): Promise<RewriteOptions> {
  const { flags, io, args } = input
  const { config, sources } = await loadFor(input, REWRITE_OPTIONS, args[0])
  const asked = {
    assets: typeof flags.assets === 'string' ? flags.assets : undefined,
    clean: flags.clean === true,
    dryRun: flags.dryRun === true,
  }
  return resolveRewrite(config, asked, { cwd: io.cwd, env: io.env, sources })
}

interface Said {
  readonly files: readonly FileEvent[]
  /** Lines about references; none unless they were asked for. */
  readonly stays: readonly string[]
  readonly warnings: readonly WarningEvent[]
  readonly voice: Voice
  readonly options: RewriteOptions
  readonly cwd: string
}

/** A dry run lists its files on stdout, as data; after a real rewrite they are listed on stderr, only when verbose. */
function say(found: Rewritten, { files, stays, warnings, voice, options, cwd }: Said): void {
  const { isVerbose, err, out } = voice
  const shown = isVerbose ? files : files.filter(({ op }) => op !== 'keep')
  const lines = shown.map((file) => `${fileLine(file, KEY_WIDTH)}\n`).join('')
  if (found.dryRun) out.write(lines)
  else if (isVerbose) err.write(lines)
  err.write(stays.join(''))
  err.write(renderWarnings(warnings, err, { isVerbose }))
  for (const line of rewrittenLine(found).split('\n')) err.write(`${hanging(line, 2, err)}\n`)
  if (found.dryRun) return
  const { delivery } = options
  const pages = pathFrom(cwd, delivery.pages === 'out' ? delivery.dir : options.root)
  for (const line of nextSteps(found, { assets: pathFrom(cwd, options.assets), pages }))
    err.write(`${hanging(line, 9, err)}\n`)
}
