import { credentialMask, type ErrorEvent, maskText } from '../index.ts'
import { isActions, withoutCommands } from './ci/commands.ts'
import type { CliIo, Output } from './io.ts'

/**
 * The same I/O, with the credentials of this run masked in all output, and with nothing on stderr that a CI would take for
 * a command.
 */
export function withoutCredentials(io: CliIo): CliIo {
  const mask = credentialMask(io.env)
  const forPeople = isActions(io.env) ? (text: string): string => withoutCommands(mask(text)) : mask
  return { ...io, stdout: changedOutput(io.stdout, mask), stderr: changedOutput(io.stderr, forPeople) }
}

/** An output whose texts are changed on their way. */
export function changedOutput(output: Output, change: (text: string) => string): Output {
  return {
    write: (text) => output.write(change(text)),
    get isTTY() {
      return output.isTTY
    },
    get columns() {
      return output.columns
    },
    get isRead() {
      return output.isRead
    },
  }
}

/** Errors may quote others (a server, a user's configuration): what looks like a secret is masked. */
export function maskedEvent(event: ErrorEvent, { env }: Pick<CliIo, 'env'>): ErrorEvent {
  const mask = credentialMask(env)
  const masked = (text: string): string => maskText(mask(text))
  const { message, subject, why, fix, details } = event
  return {
    ...event,
    message: masked(message),
    ...(subject !== undefined && { subject: masked(subject) }),
    ...(why !== undefined && { why: masked(why) }),
    ...(fix !== undefined && { fix: mask(fix) }),
    details: details.map(masked),
  }
}
