/**
 * Every failure says what, on what, why, and what to do next. One class, a stable code, and the exit code that the
 * code stands for. Options and headers never enter an error: they hold secrets.
 */

/** Exit codes of the command. New codes only ever split existing failures; treat an unknown one as a failure. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  credentials: 4,
  unreachable: 5,
  incomplete: 6,
  integrity: 7,
  locked: 8,
  question: 9,
  pending: 10,
} as const

/** Every error code, with the exit code it ends the command with. */
export const ERROR_EXIT = {
  E_BUG: EXIT.bug,
  E_USAGE: EXIT.usage,
  E_CONFIG: EXIT.usage,
  E_CONFIG_AMBIGUOUS: EXIT.usage,
  E_CONFIG_SECRET: EXIT.usage,
  E_ENDPOINT: EXIT.usage,
  E_BUCKET_NAME: EXIT.usage,
  E_URL: EXIT.usage,
  E_PREFIX: EXIT.usage,
  E_HEADER_INVALID: EXIT.usage,
  E_NODE_VERSION: EXIT.usage,
  E_MISSING_PACKAGE: EXIT.usage,
  E_ROOT_MISSING: EXIT.refused,
  E_ROOT_NOT_DIR: EXIT.refused,
  E_ROOT_EMPTY: EXIT.refused,
  E_ROOT_DANGEROUS: EXIT.refused,
  E_WRONG_ROOT: EXIT.refused,
  E_OUT: EXIT.refused,
  E_NAME_NOT_UTF8: EXIT.refused,
  E_NAME_COLLISION: EXIT.refused,
  E_KEY_INVALID: EXIT.refused,
  E_KEY_TOO_LONG: EXIT.refused,
  E_KEY_RESERVED: EXIT.refused,
  E_KEY_CONFLICT: EXIT.refused,
  E_TOO_LARGE: EXIT.refused,
  E_HEADER_UNSAFE: EXIT.refused,
  E_SYMLINK_ESCAPE: EXIT.refused,
  E_STRICT: EXIT.refused,
  E_REF_UNKNOWN_KEY: EXIT.refused,
  E_BUILD: EXIT.refused,
  E_FOREIGN: EXIT.refused,
  E_CREDENTIALS: EXIT.credentials,
  E_ACCESS_DENIED: EXIT.credentials,
  E_NO_BUCKET: EXIT.credentials,
  E_UNREACHABLE: EXIT.unreachable,
  E_THROTTLED: EXIT.unreachable,
  E_TIMEOUT: EXIT.unreachable,
  E_NOT_S3: EXIT.unreachable,
  E_LISTING: EXIT.unreachable,
  E_STORE: EXIT.unreachable,
  E_UNREADABLE: EXIT.incomplete,
  E_SOURCE_CHANGED: EXIT.incomplete,
  E_UPLOAD: EXIT.incomplete,
  E_WRITE: EXIT.incomplete,
  E_INTEGRITY: EXIT.integrity,
  E_IMMUTABLE_CONFLICT: EXIT.integrity,
  E_MANIFEST: EXIT.integrity,
  E_POINTER_MOVED: EXIT.locked,
  E_ABORTED: 130,
} as const

/** A stable name for a failure; scripts may rely on it. */
export type ErrorCode = keyof typeof ERROR_EXIT

export interface ErrorFacts {
  /** On what: a file, key, option or address. Printed beside the message. */
  readonly subject?: string | undefined
  /** Why this is a failure, in a sentence. */
  readonly why?: string | undefined
  /** What to do next, preferably a line to copy. */
  readonly hint?: string | undefined
  /** The single items (files, findings) that this failure is about. */
  readonly details?: readonly string[] | undefined
  /** True when the same call may succeed later without any change. @default false */
  readonly retryable?: boolean | undefined
  /** How long the other side asked us to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** The one error class that crosses a module's border. */
export class LadingError extends Error {
  override readonly name = 'LadingError'
  readonly code: ErrorCode
  readonly subject: string | undefined
  readonly why: string | undefined
  readonly hint: string | undefined
  readonly details: readonly string[]
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.subject = facts.subject
    this.why = facts.why
    this.hint = facts.hint
    this.details = facts.details ?? []
    this.retryable = facts.retryable ?? false
    this.retryAfterMs = facts.retryAfterMs
  }

  /** The code the command ends with. */
  get exitCode(): number {
    return ERROR_EXIT[this.code]
  }
}

/** A text with everything that could steer a terminal or hide in a line shown as `\u{202E}` or `\x07`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, (char) => {
    const point = char.codePointAt(0) ?? 0
    if (point === 0x200d) return char
    return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16).toUpperCase()}}`
  })
}
