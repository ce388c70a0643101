import { credentialMask, type ErrorEvent, maskText } from '../index.ts'
import type { CliIo, Output } from './io.ts'

/** The same I/O, with the credentials of this run masked in all output. */
export function withoutCredentials(io: CliIo): CliIo {
  const mask = credentialMask(io.env)
  return { ...io, stdout: maskedOutput(io.stdout, mask), stderr: maskedOutput(io.stderr, mask) }
}

function maskedOutput(output: Output, mask: (text: string) => string): Output {
  return {
    write: (text) => output.write(mask(text)),
    get isTTY() {
      return output.isTTY
    },
    get columns() {
      return output.columns
    },
  }
}

/** Errors may quote others (a server, a user's configuration): what looks like a secret is masked. */
export function maskedEvent(event: ErrorEvent, { env }: Pick<CliIo, 'env'>): ErrorEvent {
  const mask = credentialMask(env)
  const masked = (text: string): string => maskText(mask(text))
  const { message, subject, why, details } = event
  return {
    ...event,
    message: masked(message),
    ...(subject !== undefined && { subject: masked(subject) }),
    ...(why !== undefined && { why: masked(why) }),
    details: details.map(masked),
  }
}
