import { SHA256 } from '../../images/plan/keys.ts'
import { jsonText } from '../../policy/document.ts'
import { checkName } from '../../stack/name.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { LIFETIME_MINUTES } from '../plan/scale.ts'
import type { Arch } from '../stack/fleet.ts'
import { stackTemplate } from '../stack/stack.ts'
import { trustedKeys } from './key-file.ts'

export interface StackOptions {
  /** @default 'arm64' */
  readonly arch?: Arch | undefined
  /** Prefix of the names of queues, group and roles. @default 'lading' */
  readonly name?: string | undefined
  /** SHA-256 of the worker's bundle. @default none: a required parameter of the template */
  readonly bundle?: string | undefined
  /** Instances at most. @default 10 */
  readonly maxInstances?: number | undefined
  /** How long one lives at most, in minutes: 10 or more. @default 240 */
  readonly lifetimeMinutes?: number | undefined
}

/**
 * A CloudFormation template in JSON with everything that a batch needs on AWS. Its workers trust the keys in
 * `LADING_BATCH_PUBLIC_KEYS`, else this user's key, which is created if missing.
 *
 * @throws E_USAGE for an invalid name or digest, and what `trustedKeys` throws
 */
export async function stackText(
  options: StackOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { arch = 'arm64', name = 'lading', bundle, maxInstances = 10, lifetimeMinutes = LIFETIME_MINUTES } = options
  checkName(name)
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
  return jsonText(template)
}
