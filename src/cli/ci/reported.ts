import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { credentialMask, LadingError, printable } from '../../index.ts'
import type { CliIo, CommandInput, CommandModule } from '../io.ts'
import { changedOutput, withoutCredentials } from '../masked.ts'
import { failureOf } from '../run.ts'
import { annotationsOf } from './annotations.ts'
import { annotationLine, isActions, withoutCommands, withoutCommandsInJson } from './commands.ts'
import { addOutputs, addPage, type Claim, claimPage, wayInto, writePage } from './files.ts'
import { pageOf } from './markdown.ts'
import { createRecord, type RunRecord } from './record.ts'

/** Commands whose standard output another program reads, letter by letter. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['policy', 'config', 'completion', 'batch', 'stack'])

export interface ReportedRun {
  /** `sync`. */
  readonly command: string
  readonly module: CommandModule
  readonly input: CommandInput
}

/**
 * Runs a command and reports it where a CI shows it: a page about the run (`--summary FILE`, and that of the step in GitHub
 * Actions), outputs for later steps, and annotations. What cannot be reported is said, and changes nothing of the run.
 * @throws what the command throws; E_WRITE before it has begun
 */
export async function runReported({ command, module, input }: ReportedRun): Promise<number> {
  const { flags, io } = input
  let own = await claimedBy(input)
  const record = createRecord(credentialMask(io.env))
  const isOneRun = command !== 'sync' || flags.watch !== true // of many runs there is no page
  const fills = (folders: readonly string[]): void => {
    const claim = own
    if (claim === undefined || !folders.some(claim.isBelow)) return
    own = undefined
    claim.drop()
  }
  const told = withoutCredentials({ ...io, fills, ...(isOneRun && { hear: record.hear }) })
  let exit = 1
  try {
    exit = await module.run({ ...input, io: { ...told, stdout: stdoutFor(command, input, told) } })
    return exit
  } catch (error) {
    record.error = await failureOf(error, [...command.split(' '), ...input.words], io)
    exit = record.error.exit
    throw error
  } finally {
    await tell(record, { command, exit, own, input })
  }
}

/** @throws E_WRITE; E_USAGE where a plan is to have the same file */
async function claimedBy({ flags, io }: CommandInput): Promise<Claim | undefined> {
  if (typeof flags.summary !== 'string') return undefined
  const path = resolve(io.cwd, flags.summary)
  if (typeof flags.save === 'string' && resolve(io.cwd, flags.save) === path) {
    throw new LadingError('E_USAGE', '--save and --summary name the same file', {
      subject: flags.summary,
      hint: 'Give each of the two a file of its own.',
    })
  }
  return claimPage(path)
}

/** In GitHub Actions what is written there is read by the runner, unless a program reads it. */
function stdoutFor(command: string, { flags }: CommandInput, { env, stdout }: CliIo): CliIo['stdout'] {
  if (!isActions(env) || (FOR_PROGRAMS.has(command.replace(/ .*/, '')) && flags.json !== true)) return stdout
  return changedOutput(stdout, flags.json === true ? withoutCommandsInJson : withoutCommands)
}

interface Telling {
  readonly command: string
  readonly exit: number
  /** The file that was asked for. */
  readonly own: Claim | undefined
  readonly input: CommandInput
}

async function tell(record: RunRecord, { command, exit, own, input }: Telling): Promise<void> {
  const { io, flags } = input
  const { start, summary, error, warnings, drifts, findings } = record
  const { stderr } = withoutCredentials(io)
  const orSay = async (what: string, write: () => Promise<void>): Promise<void> => {
    await write().catch((reason: unknown) => {
      const why = reason instanceof Error ? reason.message : String(reason)
      stderr.write(`  ! ${what} could not be written: ${printable(why)}\n`)
    })
  }
  const page = pageOf(record, { command, exit })
  if (own !== undefined) await orSay('the summary', () => writePage(own.path, page))
  const isNews = summary || error || warnings.length + drifts.count + findings.count > 0
  if (!isNews || !isActions(io.env)) return
  const shown = flags.quiet === true ? { ...record, warnings: [] } : record
  const commands = changedOutput(io.stderr, credentialMask(io.env))
  for (const annotation of annotationsOf(shown, { command, find: placeFinder(start?.root, io) })) {
    commands.write(annotationLine(annotation))
  }
  const { GITHUB_STEP_SUMMARY: step, GITHUB_OUTPUT: outputs } = io.env
  if (step) await orSay('the summary of the step', () => addPage(step, page))
  if (outputs) {
    const values = {
      ...{ release: summary?.release, previous: summary?.previous, published: summary?.published },
      ...{ added: summary?.added, changed: summary?.changed, bytes: summary?.bytes },
      ...{ url: start?.url, error: error?.code },
    }
    await orSay('the outputs of the step', () => addOutputs(outputs, values))
  }
}

/** Finds a file that a message names, seen from the repository's root, where annotations belong to lines of files. */
function placeFinder(root: string | undefined, { cwd, env }: CliIo): (path: string) => string | undefined {
  const repository = env.GITHUB_WORKSPACE || cwd
  const folders = root === undefined ? [cwd] : [root, cwd]
  return (path) => {
    const found = folders.map((folder) => join(folder, path)).find((file) => existsSync(file))
    return found && (wayInto(repository, found) || undefined)
  }
}
