import { randomBytes } from 'node:crypto'

const random = (length: number): string =>
  randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, length)
/** As AWS makes them: what escapes and encodings change stands in it. */
const secret = (): string => `${random(11)}/${random(13)}+${random(13)}/`.slice(0, 40)
const keyId = (): string => `AKIA${randomBytes(16).toString('hex').toUpperCase().slice(0, 16)}`
const jwt = (): string => [{ alg: 'RS256' }, { sub: random(20) }].map(part).concat(random(80)).join('.')
const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')

type TrapName =
  | 'key in the environment'
  | 'secret in the environment'
  | 'session token in the environment'
  | 'Cloudflare token in the environment'
  | 'key of a profile'
  | 'secret of a profile'
  | 'cached token of a sign-in'
  | 'token of a CI'
  | 'secret of a credential process'
  | 'password in an address'
  | 'password in an endpoint'
  | 'parameter of an address'
  | 'token in a file of the site'
  | 'text of an environment file'
  | 'password of a database'

/** Credentials that open nothing, each another one in each run; no text of ours may ever repeat one. */
export const TRAPS: Readonly<Record<TrapName, string>> = {
  'key in the environment': keyId(),
  'secret in the environment': secret(),
  'session token in the environment': random(160),
  'Cloudflare token in the environment': random(40),
  'key of a profile': keyId(),
  'secret of a profile': secret(),
  'cached token of a sign-in': random(120),
  'token of a CI': jwt(),
  'secret of a credential process': secret(),
  'password in an address': random(24),
  'password in an endpoint': random(24),
  'parameter of an address': random(40),
  'token in a file of the site': `ghp_${random(36)}`,
  'text of an environment file': random(30),
  'password of a database': random(24),
}

/** Every way in which texts write a value. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  // in base64, a value looks different at each of three offsets; the ends depend on what stands beside it
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(pad === 0 ? 0 : 4)
      .replace(/.{0,3}=*$/, ''),
  )
  const pieces = Array.from({ length: value.length - PIECE + 1 }, (_, at) => value.slice(at, at + PIECE))
  const escaped = [
    value.replaceAll('/', '\\/'),
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
  ]
  return [
    ...pieces,
    ...escaped,
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
  ]
}

/** Four characters at each end may be shown; more of them in a row may not. */
const PIECE = 9

export interface Leak {
  readonly trap: string
  /** Where, with a little of what stands around. */
  readonly text: string
}

/** Which traps a text gives away, also in part and in disguise. */
export function leaksIn(text: string, traps: Readonly<Record<string, string>> = TRAPS): Leak[] {
  return Object.entries(traps).flatMap(([trap, value]) => {
    const form = formsOf(value).find((candidate) => text.includes(candidate))
    if (form === undefined) return []
    const at = text.indexOf(form)
    return [{ trap, text: text.slice(Math.max(0, at - 100), at + 60) }]
  })
}
