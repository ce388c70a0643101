import type { LadingConfig } from './interface.ts'
import { KINDS, type Kind } from './keys.ts'
import { looksSecret } from './mask.ts'

/**
 * Whether `checkConfig` would return this config as it is, decided without loading its schema library. False proves
 * nothing: rules in lists are not checked here.
 */
export function isPlain(config: LadingConfig): boolean {
  return Object.entries(config).every(([key, value]) => value === undefined || (isKey(key) && isRight(key, value)))
}

function isKey(key: string): key is keyof LadingConfig {
  return Object.hasOwn(KINDS, key)
}

function isRight(key: keyof LadingConfig, value: unknown): boolean {
  // Addresses of stores are checked by their parser, which masks secrets.
  if (key === 'to' || key === 'state') return typeof value === 'string'
  return TESTS[KINDS[key]](value)
}

const isText = (value: unknown): boolean => typeof value === 'string' && !looksSecret(value)

const TESTS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: isText,
  texts: (value) => Array.isArray(value) && Array.from(value).every(isText),
  flag: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  numberOrText: (value) => (typeof value === 'number' && !Number.isNaN(value)) || isText(value),
  rules: () => false,
}
