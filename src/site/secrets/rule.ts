/**
 * What a finding means. `stop` and `map` stop the run; `deploy` does and cannot be allowed; each other level is one
 * warning.
 */
export type Level = 'stop' | 'deploy' | 'map' | 'public' | 'environment' | 'local path' | 'local address'

/** Files that a rule is limited to: `code` is scripts, style sheets and JSON. */
export type TextKind = 'code' | 'page' | 'other'

export interface ContentRule {
  /** Printed, and written into `allow`: never renamed. */
  readonly name: string
  readonly level: Level
  /** What the match begins with; its first three characters are looked for in every file, so they should be rare. */
  readonly anchors: readonly string[]
  /** Sticky, tried where an anchor stands. Every repetition is bounded. Group 1 is the secret, else the whole match. */
  readonly pattern: RegExp
  readonly kind?: TextKind | undefined
  /** Looks at the surroundings: `match.input` is the text around it. */
  readonly accepts?: ((match: RegExpExecArray) => boolean) | undefined
  /** What of the match may be printed. @default the first and last four characters of a secret of 16 or more */
  readonly sample?: ((match: RegExpExecArray) => string) | undefined
}

/** How much of the text before and after an anchor a rule can count on, in bytes. */
export const BEHIND = 4096
export const AHEAD = 8192

const MASKABLE = 16

/** `ghp_…x7Qz`; nothing of a secret so short that eight characters would give it away. */
export function mask(secret: string): string {
  return secret.length < MASKABLE ? '' : `${secret.slice(0, 4)}…${secret.slice(-4)}`
}

const FILLER = /example|placeholder|your[-_]?|x{4}|\.{3}|\*{3}|1234567890|abcdefgh|0{8}/i

export const isFiller = (text: string): boolean => FILLER.test(text)

/** With fewer distinct characters at its end, a secret is a placeholder. */
const FEW = 5

/** What documentation writes where a secret would stand: `sk_live_xxxxxxxx`, AWS's documented `…EXAMPLE` keys. */
export function isPlaceholder(secret: string): boolean {
  return isFiller(secret) || new Set(secret.slice(-MASKABLE)).size < FEW
}

/** AWS documents keys that end so, for use in examples. https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html */
export const isDocumented = (text: string): boolean => /EXAMPLE(?:KEY)?$/.test(text)

/** Whether it looks like random bytes in base64, unlike a commit hash, a path in lower case or a name in capitals. */
export function isMixed(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)
}
