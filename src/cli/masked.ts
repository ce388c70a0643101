import { credentialMask, type ErrorEvent, maskText } from '../index.ts'
import type { CliIo, Output } from './io.ts'

/** The same world, whose outputs repeat no credential of this run, whatever they are given to say. */
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

/** Errors hold what others wrote (a server, somebody's configuration): what looks like a secret in that goes no further. */
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
