import { LadingError, printable } from '../errors.ts'
import { trustedKeys } from './batch-key-file.ts'
import { SHA256 } from './keys.ts'
import { LIFETIME_MINUTES } from './scale.ts'
import type { Arch } from './stack/fleet.ts'
import { stackTemplate } from './stack/stack.ts'

export interface StackOptions {
  /** @default 'arm64' */
  readonly arch?: Arch | undefined
  /** What the names of queues, group and roles begin with. @default 'lading' */
  readonly name?: string | undefined
  /** SHA-256 of the worker's bundle. @default asked of whoever makes the stack */
  readonly bundle?: string | undefined
  /** Instances at most. @default 10 */
  readonly maxInstances?: number | undefined
  /** How long one lives at most, in minutes: 10 or more. @default 240 */
  readonly lifetimeMinutes?: number | undefined
}

/** The longest that still leaves room in a queue's name for an instance's. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/

/**
 * A CloudFormation template in JSON that makes what a batch needs of AWS; its workers obey the keys of
 * `LADING_BATCH_PUBLIC_KEYS`, else that of this user, which is made if there is none.
 *
 * @throws E_USAGE for a name or a digest that cannot be one, and what `trustedKeys` throws
 */
export async function stackText(
  options: StackOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { arch = 'arm64', name = 'lading', bundle, maxInstances = 10, lifetimeMinutes = LIFETIME_MINUTES } = options
  if (!NAME.test(name)) {
    throw new LadingError('E_USAGE', `"${printable(name)}" cannot begin the names of a stack's queues`, {
      hint: 'Write up to 32 letters, digits and "-", with a letter first.',
    })
  }
  if (bundle !== undefined && !SHA256.test(bundle)) {
    throw new LadingError('E_USAGE', `"${printable(bundle)}" is no SHA-256 of a bundle`, {
      hint: 'Write the 64 digits that `lading batch pack` prints.',
    })
  }
  const template = stackTemplate({
    arch,
    name,
    bundle,
    maxInstances,
    lifetimeMinutes,
    publicKeys: await trustedKeys(env),
  })
  return `${JSON.stringify(template, null, 2)}\n`
}
