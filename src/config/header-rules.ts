import { LadingError } from '../words/errors.ts'
import type { HeaderRule, ResolvedHeaderRule } from './interface.ts'

/** Bytes of all stored headers together. https://developers.cloudflare.com/r2/platform/limits/ */
const HEADER_BYTES = 8192

const FIELDS = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
} as const satisfies Partial<Record<keyof HeaderRule, string>>

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/

/**
 * Header rules with their values checked. Each keeps its place as its name: `headers[2]`.
 *
 * @throws E_HEADER_INVALID for a value that HTTP or a store cannot carry
 * @throws E_CONFIG for a rule without globs or without headers
 */
export function resolveHeaderRules(rules: readonly HeaderRule[]): ResolvedHeaderRule[] {
  return rules.map((rule, index) => resolveRule(rule, `headers[${index}]`))
}

function resolveRule(rule: HeaderRule, name: string): ResolvedHeaderRule {
  const match = typeof rule.match === 'string' ? [rule.match] : [...rule.match]
  if (match.length === 0 || match.includes('')) {
    throw new LadingError('E_CONFIG', `${name}.match is empty`, {
      hint: 'Write a glob, for example match: "**/*.pdf".',
    })
  }
  const headers: Record<string, string> = {}
  for (const [field, header] of Object.entries(FIELDS)) {
    const value = rule[field as keyof typeof FIELDS] // the keys of FIELDS itself
    if (value !== undefined) headers[header] = checkValue(value, `${name}.${field}`)
  }
  if (Object.keys(headers).length === 0) {
    throw new LadingError('E_CONFIG', `${name} sets no header`, {
      hint: `Give it one of ${Object.keys(FIELDS).join(', ')}.`,
    })
  }
  checkSize(headers, name)
  if (headers['content-type'] !== undefined && !MEDIA_TYPE.test(headers['content-type'])) {
    throw invalid(`${name}.contentType`, `"${headers['content-type']}" is no media type.`, 'Write it like text/css.')
  }
  return { match, headers, name }
}

function checkValue(value: string, subject: string): string {
  const trimmed = value.trim()
  if (trimmed === '') throw invalid(subject, 'It is empty.', 'Remove it, or give it a value.')
  const bad = /[^\x20-\x7e]/.exec(value)?.[0]
  if (bad === undefined) return trimmed
  const point = (bad.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const isBreak = bad === '\r' || bad === '\n'
  throw invalid(
    subject,
    isBreak
      ? 'It holds a line break, which would start another header.'
      : `It holds U+${point}; headers are printable ASCII.`,
    subject.endsWith('contentDisposition') ? "Write other characters as filename*=UTF-8''…" : 'Remove that character.',
  )
}

function checkSize(headers: Readonly<Record<string, string>>, name: string): void {
  const bytes = Object.entries(headers).reduce((sum, [header, value]) => sum + header.length + value.length, 0)
  if (bytes > HEADER_BYTES) {
    throw invalid(name, `Its headers have ${bytes} bytes; stores keep ${HEADER_BYTES}.`, 'Shorten the values.')
  }
}

const invalid = (subject: string, why: string, hint: string): LadingError =>
  new LadingError('E_HEADER_INVALID', 'this header cannot be sent', { subject, why, hint })
