import { LadingError, printable } from '../../words/errors.ts'
import type { Warning, WarningCode } from '../../words/events.ts'
import type { SitePath } from '../../words/model.ts'

/** Names that Windows cannot check out. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const WINDOWS_RESERVED = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Direction overrides, zero-width characters: a name that reads as another (`gpj.exe` shown as `exe.jpg`). */
const CONFUSABLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u

export interface NamePolicy {
  readonly allowControl: boolean
  readonly strict: boolean
}

export interface FoundName {
  readonly path: SitePath
  /** As the disk wrote it, before normalisation. */
  readonly written: string
  /** It becomes no key. */
  readonly originOnly: boolean
}

/**
 * Checks all names of a site.
 * @throws E_KEY_INVALID control characters; E_NAME_COLLISION two names of one Unicode form
 */
export function checkNames(names: readonly FoundName[], policy: NamePolicy): Warning[] {
  refuseControl(names, policy)
  refuseTwins(names)
  return [caseCollisions(names), normalized(names), confusable(names), windowsNames(names, policy)].filter(
    (warning) => warning !== undefined,
  )
}

function refuseControl(names: readonly FoundName[], policy: NamePolicy): void {
  if (policy.allowControl) return
  const bad = names.filter(({ path, originOnly }) => !originOnly && CONTROL.test(path))
  if (bad.length === 0) return
  throw new LadingError('E_KEY_INVALID', 'Names with control characters cannot be keys', {
    details: bad.map(({ path }) => printable(path)),
    why: 'XML listings cannot carry most of them, so many stores lose such objects.',
    hint: 'Rename the files, exclude them, or set `allowControl: true` for a store that accepts them.',
  })
}

/**
 * Names that are written in another Unicode form than one that stays: the one that needs no normalisation, else the
 * first. Each comes with the form that stays.
 */
export function twinsIn<Name extends FoundName>(
  names: readonly Name[],
): readonly { readonly twin: Name; readonly stays: Name }[] {
  if (names.every(({ path, written }) => path === written)) return []
  const kept = new Map<SitePath, Name>()
  for (const name of names) {
    if (!kept.has(name.path) || name.path === name.written) kept.set(name.path, name)
  }
  return names.flatMap((twin) => {
    const stays = kept.get(twin.path)
    return stays && stays.written !== twin.written ? [{ twin, stays }] : []
  })
}

function refuseTwins(names: readonly FoundName[]): void {
  const twins = twinsIn(names).map(({ twin, stays }) => `${twin.path}: ${hex(stays.written)} and ${hex(twin.written)}`)
  if (twins.length === 0) return
  throw new LadingError('E_NAME_COLLISION', 'Two files have the same name in different Unicode forms', {
    details: twins,
    why: 'Both would get the same key, and some stores fold the two forms into one object anyway.',
    hint: 'Rename one of each pair; references in either form reach the one that stays.',
  })
}

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

function caseCollisions(names: readonly FoundName[]): Warning | undefined {
  if (names.every(({ path }) => path === path.toLowerCase())) return undefined
  const folded = new Map<string, SitePath>()
  const pairs: string[] = []
  for (const { path } of names) {
    const key = path.toLowerCase()
    const other = folded.get(key)
    if (other !== undefined && other !== path) pairs.push(`${other} and ${path}`)
    folded.set(key, path)
  }
  return warning(
    'W_CASE_COLLISION',
    pairs,
    'names differ only in case; checkouts on macOS and Windows keep one of them',
  )
}

function normalized(names: readonly FoundName[]): Warning | undefined {
  const items = names.filter(({ path, written }) => path !== written).map(({ path }) => path)
  return warning(
    'W_NAME_NORMALIZED',
    items,
    'names are stored in Unicode form NFC; references in either form reach them',
  )
}

function confusable(names: readonly FoundName[]): Warning | undefined {
  const items = names.filter(({ path }) => CONFUSABLE.test(path)).map(({ path }) => printable(path))
  return warning('W_NAME_CONFUSABLE', items, 'names hold invisible or direction-changing characters')
}

function windowsNames(names: readonly FoundName[], policy: NamePolicy): Warning | undefined {
  if (!policy.strict) return undefined
  const items = names
    .map(({ path }) => path)
    .filter((path) => path.split('/').some((part) => WINDOWS_RESERVED.test(part)))
  return warning('W_NAME_WINDOWS', items, 'names that Windows cannot store')
}

function warning(code: WarningCode, items: readonly string[], message: string): Warning | undefined {
  return items.length === 0 ? undefined : { code, message, items }
}

/** `bad\xff.png` for a name whose bytes are not UTF-8. */
export function escapeBytes(name: Buffer): string {
  return [...name]
    .map((byte) => (byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).toUpperCase()}` : String.fromCharCode(byte)))
    .join('')
}
