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
  pending: 10,
} as const

/** Every error code, with the exit code it ends the command with. */
export const ERROR_EXIT = {
  E_BUG: 1,
  E_USAGE: 2,
  E_CONFIG: 2,
  E_CONFIG_AMBIGUOUS: 2,
  E_CONFIG_EXISTS: 2,
  E_CONFIG_SECRET: 2,
  E_ENDPOINT: 2,
  E_BUCKET_NAME: 2,
  E_URL: 2,
  E_PREFIX: 2,
  E_HEADER_INVALID: 2,
  E_NODE_VERSION: 2,
  E_MISSING_PACKAGE: 2,
  E_ROOT_MISSING: 3,
  E_ROOT_NOT_DIR: 3,
  E_ROOT_EMPTY: 3,
  E_ROOT_DANGEROUS: 3,
  E_WRONG_ROOT: 3,
  E_OUT: 3,
  E_NAME_NOT_UTF8: 3,
  E_NAME_COLLISION: 3,
  E_KEY_INVALID: 3,
  E_KEY_TOO_LONG: 3,
  E_KEY_RESERVED: 3,
  E_KEY_CONFLICT: 3,
  E_TOO_LARGE: 3,
  E_HEADER_UNSAFE: 3,
  E_SECRET_FILE: 3,
  E_SECRET_CONTENT: 3,
  E_SOURCEMAP_INLINE: 3,
  E_SYMLINK_ESCAPE: 3,
  E_STRICT: 3,
  E_REF_UNKNOWN_KEY: 3,
  E_BUILD: 3,
  E_FOREIGN: 3,
  E_PLAN: 3,
  E_PLAN_STALE: 3,
  E_CHANNEL: 3,
  E_MAX_DELETE: 3,
  E_CDN: 2,
  E_PRICES: 2,
  E_ROLLBACK: 3,
  E_COPY: 3,
  E_BATCH: 3,
  E_BUDGET: 3,
  E_JOB_FORBIDDEN: 3,
  E_UNPUBLISHED: 3,
  E_CORS_MISSING: 3,
  E_URL_UNSERVED: 3,
  E_VARIANT_MISSING: 3,
  E_CREDENTIALS: 4,
  E_ACCESS_DENIED: 4,
  E_NO_BUCKET: 4,
  E_NO_QUEUE: 4,
  E_UNREACHABLE: 5,
  E_THROTTLED: 5,
  E_TIMEOUT: 5,
  E_NOT_S3: 5,
  E_LISTING: 5,
  E_STORE: 5,
  E_FLEET: 5,
  E_QUEUE: 5,
  E_IMAGE_BYTES: 6,
  E_IMAGE_PIXELS: 6,
  E_IMAGE_FORMAT: 6,
  E_IMAGE_CORRUPT: 6,
  E_IMAGE_SMALL: 6,
  E_IMAGE_BLANK: 6,
  E_IMAGE_TIMEOUT: 6,
  E_IMAGE_MEMORY: 6,
  E_IMAGE_CRASHED: 6,
  E_BATCH_CANCELLED: 6,
  E_BATCH_DEADLINE: 6,
  E_UNREADABLE: 6,
  E_LOGS: 6,
  E_SOURCE_CHANGED: 6,
  E_UPLOAD: 6,
  E_WRITE: 6,
  E_WATCH: 6,
  E_REMOVE: 6,
  E_INTEGRITY: 7,
  E_IMMUTABLE_CONFLICT: 7,
  E_MANIFEST: 7,
  E_POINTER_MOVED: 8,
  E_LOCKED: 8,
  E_LOCK_LOST: 8,
  E_ORDER: 8,
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
