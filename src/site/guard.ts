import type { AllowedFinding, Delivery } from '../config/interface.ts'
import { LadingError } from '../words/errors.ts'
import type { Warning, WarningCode } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import type { FileFacts, Finding, SiteFile } from './file.ts'
import { levelOf } from './secrets/anchors.ts'
import type { Level } from './secrets/rule.ts'
import { isAllowed, type SecretFile } from './secrets/secret-files.ts'

/** Files that this run makes public: excluded files are copied only into a new origin. */
export function guardedFiles(files: readonly SiteFile[], delivery: Delivery): readonly SiteFile[] {
  return copiesAll(delivery) ? files : files.filter(({ originOnly }) => !originOnly)
}

/** Whether excluded files are copied too. */
export const copiesAll = (delivery: Delivery): boolean => delivery.mode === 'offload' && delivery.pages === 'out'

/** @throws E_SECRET_FILE naming path and rule of each */
export function refuseSecretFiles(secrets: readonly SecretFile[]): void {
  if (secrets.length === 0) return
  throw new LadingError('E_SECRET_FILE', 'Files with secrets lie in the folder; nothing was published', {
    details: secrets.flatMap(({ path, rule, sha256 }) => [
      `${path}  ${rule}`,
      ...(sha256 === undefined ? [] : [entryFor({ path, rule, sha256 })]),
    ]),
    why: 'Whatever lies in the folder of a site can become public, and such names are the first that robots ask for.',
    hint: 'Move them out of the folder or exclude them; what is no secret goes into `allow` with a reason.',
  })
}

export interface GuardInput {
  readonly files: readonly SiteFile[]
  readonly facts: ReadonlyMap<SitePath, FileFacts>
  readonly allow: readonly AllowedFinding[]
}

/** @throws E_SECRET_CONTENT, E_SOURCEMAP_INLINE naming path, line and rule; of a secret at most eight characters */
export function refuseSecretContents({ files, facts, allow }: GuardInput): void {
  const found = findingsOf(files, facts)
  const deploy = found.filter(({ level }) => level === 'deploy')
  const secrets = found.filter((finding) => finding.level === 'stop' && !isAllowed(allow, finding))
  const maps = found.filter((finding) => finding.level === 'map' && !isAllowed(allow, finding))
  if (deploy.length > 0 || secrets.length > 0) throw secretContent(deploy, secrets)
  if (maps.length === 0) return
  throw new LadingError('E_SOURCEMAP_INLINE', 'Source maps inside of files hold your sources; nothing was published', {
    details: withEntries(maps),
    why: 'A map with its sources is your source code, readable by everybody.',
    hint: 'Build without inline source maps (maps in files of their own are never uploaded), or add to `allow` with a reason.',
  })
}

function secretContent(deploy: readonly Found[], secrets: readonly Found[]): LadingError {
  return new LadingError('E_SECRET_CONTENT', 'Secrets stand in files of the site; nothing was published', {
    details: [...deploy.map(lineOf), ...withEntries(secrets)],
    why:
      deploy.length > 0
        ? 'Among them are the credentials of this very run, which nothing allows: whoever read them could write to the store.'
        : 'Whoever opens the file could use them.',
    hint:
      secrets.length > 0
        ? 'Take them out, and replace at their provider those that were public; what is no secret goes into `allow` with a reason.'
        : 'Take them out, and replace them at their provider if they were public before.',
  })
}

interface Found extends Finding {
  readonly path: SitePath
  readonly sha256: string
  readonly level: Level
}

function findingsOf(files: readonly SiteFile[], facts: GuardInput['facts']): Found[] {
  const found: Found[] = []
  for (const { path } of files) {
    const known = facts.get(path)
    if (known === undefined || known.findings.length === 0) continue
    const { sha256, findings } = known
    found.push(...findings.map((finding) => ({ ...finding, path, sha256, level: levelOf(finding.rule) })))
  }
  return found
}

const lineOf = ({ path, line, column, rule, sample }: Found): string =>
  `${path}:${line}:${column}  ${rule}${sample === '' ? '' : `  ${sample}`}`

/** Every finding, and after the last one per rule and file the entry that would allow it. */
function withEntries(found: readonly Found[]): string[] {
  const entries = new Map<string, Found[]>()
  for (const finding of found) {
    const entry = entryFor(finding)
    entries.set(entry, [...(entries.get(entry) ?? []), finding])
  }
  return [...entries].flatMap(([entry, places]) => [...places.map(lineOf), entry])
}

/** To paste into the configuration, JavaScript or JSON; the reason is for a person to write. */
function entryFor({ path, rule, sha256 }: Pick<AllowedFinding, 'path' | 'rule' | 'sha256'>): string {
  const entry = { path, rule, sha256, reason: '' }
  const pairs = Object.entries(entry).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  return `  to allow it: { ${pairs.join(', ')} }`
}

/** Warnings about contents that reveal more than they should, without being secrets. */
export function traceWarnings(files: readonly SiteFile[], facts: GuardInput['facts']): Warning[] {
  const found = findingsOf(files, facts)
  const kinds: [Level, WarningCode, string, string][] = [
    [
      'public',
      'W_SECRET_PUBLIC',
      'keys and tokens that may be meant to be public',
      'restrict what they may do, and where from, at their provider',
    ],
    [
      'environment',
      'W_ENV_DUMP',
      'the environment of a build was written into a file as a whole',
      'name single variables: process.env.NAME, import.meta.env.NAME',
    ],
    ['local path', 'W_LOCAL_PATH', 'paths of the machine that built this', 'they give away names of users'],
    ['local address', 'W_LOCALHOST_REF', 'addresses that only the own network knows', 'write addresses of the site'],
  ]
  return kinds.flatMap(([level, code, message, fix]) => {
    const items = found.filter((finding) => finding.level === level).map(lineOf)
    return items.length === 0 ? [] : [{ code, message, items, fix }]
  })
}
