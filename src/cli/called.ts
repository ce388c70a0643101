import { isActions } from './ci/commands.ts'
import { refuseIdle } from './idle-flags.ts'
import type { CliIo, Flags } from './io.ts'
import type { CommandRow } from './rows.ts'

/** A command line, read. */
export interface CalledCommand {
  readonly row: CommandRow
  readonly args: readonly string[]
  readonly flags: Flags
  /** What follows the command's name, as it was written. */
  readonly words: readonly string[]
}

/** Loads a command and runs it. Nothing that it prints holds a credential of this run. */
export async function runCommand({ row, ...called }: CalledCommand, io: CliIo): Promise<number> {
  await refuseIdle(row.options, called.flags)
  const [module, { withoutCredentials }] = await Promise.all([row.load(), import('./masked.ts')])
  if (called.flags.summary === undefined && !isActions(io.env)) {
    return module.run({ ...called, io: withoutCredentials(io) })
  }
  const { runReported } = await import('./ci/reported.ts')
  return runReported({ command: row.name, module, input: { ...called, io } })
}
