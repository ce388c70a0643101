import type { AllowedFinding, Delivery } from '../../config/interface.ts'
import { LadingError } from '../../words/errors.ts'
import type { SitePath } from '../../words/model.ts'
import { guardedFiles, refuseSecretContents, refuseSecretFiles } from '../guard.ts'
import { readFacts } from '../read.ts'
import { type ScanOptions, scan } from '../scan/scan.ts'
import { deployCredentials } from './deploy-credentials.ts'
import { unnamedDumps } from './unnamed-dumps.ts'

export interface VerdictOptions extends ScanOptions {
  readonly delivery: Delivery
  readonly allow: readonly AllowedFinding[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Why the secret checks refuse one file of the site; undefined when they do not. Names the rule, never the value. */
export function verdictOn(path: SitePath, options: VerdictOptions, env: Environment): LadingError | undefined {
  const found = scan(options)
  const guarded = guardedFiles(found.files, options.delivery)
  try {
    const secrets = [...found.secrets, ...unnamedDumps(guarded, options.allow)]
    refuseSecretFiles(secrets.filter((secret) => secret.path === path || path.startsWith(`${secret.path}/`)))
    const file = guarded.find((candidate) => candidate.path === path)
    if (file === undefined) return undefined
    const facts = new Map([[path, readFacts(file, deployCredentials(env))]])
    refuseSecretContents({ files: [file], facts, allow: options.allow })
    return undefined
  } catch (error) {
    if (error instanceof LadingError) return onOneFile(path, error)
    throw error
  }
}

function onOneFile(subject: SitePath, { code, details, why, hint, cause }: LadingError): LadingError {
  return new LadingError(code, 'This file stops every run; it is never published', {
    subject,
    details,
    why,
    hint,
    cause,
  })
}
