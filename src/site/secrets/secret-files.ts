import { createHash } from 'node:crypto'
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { AllowedFinding } from '../../config/interface.ts'
import type { NeverRule } from '../../rewrite/keep.ts'
import type { Digest, SitePath } from '../../words/model.ts'
import { magicOf } from '../content-type/magic.ts'
import { plainPath, unpackHead } from './plain.ts'

/** A file or folder whose name says that it holds secrets. */
export interface Suspect {
  readonly path: SitePath
  /** Absolute. */
  readonly disk: string
  readonly rule: NeverRule
  readonly kind: 'file' | 'folder' | 'link'
}

/** A suspect that stops the run. A folder has no digest: it cannot be allowed, only moved or excluded. */
export interface SecretFile extends Pick<Suspect, 'path'> {
  readonly rule: string
  readonly sha256: Digest | undefined
}

const SECRET_RULES: ReadonlySet<string> = new Set<NeverRule>([
  'environment file',
  'version control',
  'private key',
  'credentials',
  'dump or backup',
])

/** Whether a rule for names is about secrets; the others are about files that are merely unwanted at a site. */
export const isSecretRule = (rule: string): boolean => SECRET_RULES.has(rule)

/** Names that look like those of secret files, but come with every checkout or are templates. */
const OPEN_NAMES =
  /(?:^|\/)\.git(?:ignore|attributes|keep)$|\.(?:env|dev\.vars)[.-](?:example|sample|template|dist|defaults?|schema|test)$/i

/** Larger than settings, a certificate or what it takes to recognize a page, in bytes. */
const HEAD = 64 * 1024

/**
 * What becomes of a suspect: `stop` the run, `skip` with a warning because it is no secret after all (a slide show
 * called `talk.key`, a certificate, settings without a token), or `publish`, because the configuration allows exactly
 * this content.
 */
export function judge(suspect: Suspect, allow: readonly AllowedFinding[]): SecretFile | 'skip' | 'publish' {
  const { path, disk, rule, kind } = suspect
  if (kind === 'link') return 'skip' // never followed, and judged where it leads to
  if (kind === 'folder') return isOpenFolder(suspect) ? 'skip' : { path, rule, sha256: undefined }
  if (OPEN_NAMES.test(plainPath(path))) return 'skip'
  const read = tryRead(disk)
  if (read === undefined) return { path, rule, sha256: undefined }
  const { head, sha256 } = read
  if (isAllowed(allow, { path, rule, sha256 })) return 'publish'
  return isOpen(suspect, head) ? 'skip' : { path, rule, sha256 }
}

/** Whether the configuration lets a finding pass: this rule, in this file, with this content. */
export function isAllowed(
  allow: readonly AllowedFinding[],
  { path, rule, sha256 }: Pick<AllowedFinding, 'path' | 'rule' | 'sha256'>,
): boolean {
  return allow.some((entry) => entry.path === path && entry.rule === rule && entry.sha256 === sha256)
}

/** A folder called `CVS` may hold CVs. */
function isOpenFolder({ path, disk }: Suspect): boolean {
  return /(?:^|\/)CVS$/.test(path) && !existsSync(join(disk, 'Root'))
}

/** A compressed file is what it unpacks to; where that is not told, what the file is that it was made of. */
function isOpen({ path, disk }: Suspect, head: Buffer): boolean {
  const plain = plainPath(path)
  if (plain === path) return isOpenContent(path, head)
  const unpacked = unpackHead(path, head)
  if (unpacked !== undefined) return isOpenContent(plain, unpacked)
  const beside = tryRead(plainPath(disk))
  return beside !== undefined && isOpenContent(plain, beside.head)
}

const TOKEN_SETTING = /_auth|_password|authToken|authIdent|"auth"/i

function isOpenContent(path: SitePath, head: Buffer): boolean {
  const text = head.toString('latin1')
  if (/\.(?:npmrc|yarnrc(?:\.yml)?)$/i.test(path)) return !TOKEN_SETTING.test(text)
  if (/\.key$/i.test(path) && magicOf(head) === 'zip') return true
  if (/\.(?:pem|key)$/i.test(path))
    return /-----BEGIN [A-Z ]*(?:CERTIFICATE|PUBLIC KEY)/.test(text) && !/PRIVATE/.test(text)
  return magicOf(head) === 'html' && !/\.[^/]*$/.test(path)
}

interface Read {
  readonly head: Buffer
  readonly sha256: Digest
}

/** What cannot be read is judged by its name alone. */
function tryRead(disk: string): Read | undefined {
  try {
    return readSuspect(disk)
  } catch {
    return undefined
  }
}

/** Opens a file only as it was listed: does not follow a link, or block on a pipe, that has replaced it since. */
export const AS_LISTED: number = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

function readSuspect(disk: string): Read {
  const digest = createHash('sha256')
  const piece = Buffer.allocUnsafe(HEAD)
  const handle = openSync(disk, AS_LISTED)
  try {
    let head = Buffer.alloc(0)
    for (let got = readSync(handle, piece); got > 0; got = readSync(handle, piece)) {
      digest.update(piece.subarray(0, got))
      if (head.length === 0) head = Buffer.from(piece.subarray(0, got))
    }
    return { head, sha256: digest.digest('hex') }
  } finally {
    closeSync(handle)
  }
}
