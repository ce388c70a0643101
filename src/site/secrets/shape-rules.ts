import { type ContentRule, isDocumented, isFiller, isMixed, isPlaceholder } from './rule.ts'

/** How far apart an access key's two halves may stand, in characters. */
const PAIR = 400

const AWS_SECRET = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g

const isAwsSecret = (text: string): boolean => isMixed(text) && !isDocumented(text) && !isPlaceholder(text)

/** Whether it has enough digits not to be an identifier: `SECRET_ACCESS_KEY_OF_THE_STORE_1`. */
const isRandom = (text: string): boolean => (text.match(/\d/g)?.length ?? 0) >= 5 && /[a-z]/i.test(text)

function hasSecretNear({ input, index, 0: id }: RegExpExecArray): boolean {
  if (isDocumented(id)) return false
  const around = input.slice(Math.max(0, index - PAIR), index + id.length + PAIR)
  return (around.match(AWS_SECRET) ?? []).some(isAwsSecret)
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const AWS_ID = { anchors: ['AKIA', 'ASIA'], pattern: /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/y } as const

/** Words that stand for a password in documentation. */
const NO_PASSWORD =
  /^(?:user(?:name)?|admin|root|postgres|test(?:ing)?|foobar|changeme|hunter2|pw|pwd|token|my[-_]?\w*|your\w*|some\w*|\w*(?:pass(?:word|wd|phrase|w)?|secret)\w*|\W+|%[\w%.-]+)$/i

/** Names for examples, and this machine. https://www.rfc-editor.org/rfc/rfc2606 */
const NO_HOST =
  /^(?:localhost|127\.\d+\.\d+\.\d+|host(?:name)?|server|(?:.+\.)?(?:example|test|invalid)(?:\.\w{2,6})?)$/i

const PASSWORD = `:\\/\\/[^\\s"'\`<>{}()\\\\/@:?#,;|$*[\\]]{0,64}:([^\\s"'\`<>{}()\\\\/@:?#,;|$*[\\]]{6,128})@([\\w.-]{1,253})`

const isPassword = ({ 1: password = '', 2: host = '' }: RegExpExecArray): boolean =>
  !NO_PASSWORD.test(password) && !NO_HOST.test(host) && !isFiller(password)

const TOKEN_WITH_CLAIMS = /(?:(?<![\w.-])|(?<=\\[nrt]))eyJ[\w-]{8,1000}\.(eyJ[\w-]{8,3000})\.[\w-]{20,1000}(?![\w-])/y

const jwtSample = ({ 0: text }: RegExpExecArray): string => `${text.slice(0, 4)}…${text.slice(-4)}`

function isServiceRole({ 1: claims = '' }: RegExpExecArray): boolean {
  return /"role"\s*:\s*"service_role"/.test(Buffer.from(claims, 'base64url').toString('latin1'))
}

/** Secrets that are recognized only by their shape and context. The first rule that accepts a place names it. */
export const SHAPE_RULES: readonly ContentRule[] = [
  {
    name: 'private key',
    level: 'stop',
    anchors: ['-----BEGIN '],
    // the header alone stands in every library that reads keys, so at least a line of the key must follow
    pattern:
      /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|["'`,+]|(?:Proc-Type|DEK-Info|Version|Comment): ?[\w,.() /:-]{1,80}){0,40}[A-Za-z0-9+/]{40}/y,
    accepts: ({ 0: text }) => !isPlaceholder(text.slice(-40)),
    sample: () => '',
  },
  { ...AWS_ID, name: 'AWS access key', level: 'stop', accepts: hasSecretNear },
  {
    ...AWS_ID,
    name: 'AWS access key id',
    level: 'public',
    accepts: ({ 0: id }) => !isDocumented(id) && !isPlaceholder(id),
  },
  {
    name: 'AWS secret key',
    level: 'stop',
    anchors: ['secret', 'Secret', 'SECRET'],
    pattern:
      /(?:(?<=aws_?)secret\w{0,11}|secret_?access_?key)\\?["'`]?\s{0,5}[:=]\s{0,5}\\?["'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/iy,
    accepts: ({ 1: secret = '' }) => isAwsSecret(secret),
  },
  {
    // R2 writes 64 hexadecimal digits, Spaces 43 characters, B2 31: every store that speaks S3 has its own length
    name: 'S3 secret key',
    level: 'stop',
    anchors: ['secret', 'Secret', 'SECRET'],
    pattern: /secret_?access_?key\\?["'`]?\s{0,5}[:=]\s{0,5}\\?["'`]?([A-Za-z0-9/+_-]{31,128})(?![\w/+.(=-])/iy,
    accepts: ({ 1: secret = '' }) => isRandom(secret) && !isDocumented(secret) && !isPlaceholder(secret),
  },
  {
    // https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html
    name: 'private key',
    level: 'stop',
    anchors: ['PuTTY-User-Key-File-'],
    pattern: /PuTTY-User-Key-File-[23]: [\w@.-]{3,60}\s[\s\S]{1,2000}?Private-Lines: \d{1,4}\s{1,2}[A-Za-z0-9+/]{40}/y,
    sample: () => '',
  },
  {
    name: 'Twilio account token',
    level: 'stop',
    anchors: [...'0123456789abcdef'].map((digit) => `AC${digit}`),
    pattern: /(?<!\w)AC[0-9a-f]{32}(?!\w)[\s\S]{1,120}?token\W{1,8}([0-9a-f]{32})(?!\w)/iy,
    accepts: ({ 1: secret = '' }) => !isPlaceholder(secret),
  },
  {
    name: 'database password',
    level: 'stop',
    anchors: ['://'],
    pattern: new RegExp(
      `(?<=postgres|postgresql|mysql2?|mariadb|mongodb|mongodb\\+srv|rediss?|amqps?|mssql|sqlserver|clickhouse|neo4j)${PASSWORD}`,
      'y',
    ),
    accepts: isPassword,
    sample: () => '', // made up by people: eight characters give away too much
  },
  {
    name: 'password in an address',
    level: 'stop',
    anchors: ['://'],
    pattern: new RegExp(`(?<=https?|s?ftps?|ssh|wss?|smtps?|imaps?|ldaps?)${PASSWORD}`, 'y'),
    accepts: isPassword,
    sample: () => '', // made up by people: eight characters give away too much
  },
  {
    name: 'Supabase service key',
    level: 'stop',
    anchors: ['eyJ'],
    pattern: TOKEN_WITH_CLAIMS,
    accepts: isServiceRole,
    sample: jwtSample,
  },
  { name: 'JSON web token', level: 'public', anchors: ['eyJ'], pattern: TOKEN_WITH_CLAIMS, sample: jwtSample },
  {
    name: 'Google API key',
    level: 'public',
    anchors: ['AIza'],
    pattern: /(?<!\w)AIza[\w-]{35}(?![\w-])/y,
    accepts: ({ 0: key }) => !isPlaceholder(key),
  },
]
