/**
 * Secrets in addresses: the same functions mask them in messages and refuse them in input, so that the two cannot
 * differ. AWS secret keys may contain `/`, so user-info does not end at the first one.
 */

/** An AWS access key id. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/

/** The same with the secret that follows it. */
const ACCESS_KEY = new RegExp(`${ACCESS_KEY_ID.source}(?::[^?&@\\s]*)?`, 'g')

const SECRET_NAME =
  /secret|signature|token|passw|credential|access[-_]?key|api[-_]?key|(?:^|[-_])(?:sig|key|auth|pwd|pass)$/i

/** A parameter with its value; an `&` that no name with `=` follows belongs to the value. */
const PARAMETER = /([?&#])([^=&#?]+)=([^&]*(?:&[^=&]*(?=&|$))*)/g

/** `endpoint=` up to the last `@` of its value. Encoded or not: both reach the parser of the endpoint. */
const ENDPOINT_USER_INFO =
  /(endpoint=(?:https?(?::|%3a)(?:\/|%2f){2})?)(?:(?!&(?:region|profile|endpoint)=).)*(?:@|%(?:25)*40)/is

/** A query starts at the first `?` that does not stand inside of user-info. */
const QUERY = /\?(?![^=]*(?:@|%(?:25)*40))/i

/** No bucket's name has a `:`; what follows may be a password whose `@` was forgotten. */
const BUCKET_COLON = /^(s3:\/\/(?!arn:)[^/?:]*):[^?]*/i

/** True when the text is or carries an access key, which never belongs in a config or an address. */
export const looksSecret = (text: string): boolean => ACCESS_KEY_ID.test(text)

/** A store's or a public address for people: user-info and everything that looks like a secret is `***`. */
export const maskAddress = (text: string): string => maskEndpoint(maskOwn(text)).replace(BUCKET_COLON, '$1:***')

/** True when the address itself carries credentials; those in its endpoint are checked with the endpoint. */
export const carriesSecrets = (text: string): boolean => maskOwn(text) !== text

/** True when the `endpoint=` of the address holds user-info. Most addresses have none and skip the costly pattern. */
export const hasEndpointUserInfo = (text: string): boolean => /endpoint=/i.test(text) && ENDPOINT_USER_INFO.test(text)

/** The address with its user-info as `***`; the same text when it has none. */
export function maskUserInfo(text: string): string {
  const head = text.slice(0, QUERY.exec(text)?.index ?? text.length)
  const prefix = /^(?:[a-z][a-z0-9+.-]+:\/{1,2}|\/\/)/i.exec(head)?.[0] ?? ''
  const rest = head.slice(prefix.length)
  if (!isUserInfo(rest, prefix)) return text
  return `${prefix}***${rest.replace(/.*(?:@|%(?:25)*40)/is, '@')}${text.slice(head.length)}`
}

/**
 * A `@` after the first `/` is legal in a key (`pkg@1.2/`) and ends no user-info, unless a `:` before that `/` shows
 * that `name:password` has begun. Hosts may have a port after a `:`, buckets have none; ARNs are full of colons.
 */
function isUserInfo(rest: string, prefix: string): boolean {
  if (!/@|%(?:25)*40/i.test(rest) || /^arn:/i.test(rest)) return false
  const first = rest.slice(0, rest.includes('/') ? rest.indexOf('/') : rest.length)
  if (/@|%(?:25)*40/i.test(first)) return prefix !== '' || first.includes(':')
  return first.includes(':') && (/^s3:/i.test(prefix) || !/:\d{1,5}$/.test(first))
}

const maskOwn = (text: string): string =>
  maskUserInfo(text).replace(PARAMETER, maskedParameter).replace(ACCESS_KEY, '***')

/** The value may be an address, with parameters of its own; encoded, it is masked as a whole. */
function maskedParameter(_all: string, mark: string, name: string, value: string): string {
  if (isSecretName(name)) return `${mark}${name}=***`
  const decoded = decodedText(value)
  if (decoded !== value && decoded.replace(PARAMETER, maskedParameter) !== decoded) return `${mark}${name}=***`
  return `${mark}${name}=${value.replace(PARAMETER, maskedParameter)}`
}

const maskEndpoint = (text: string): string => text.replace(ENDPOINT_USER_INFO, '$1***@')

/** Names are compared as the other side reads them: decoded. */
const isSecretName = (name: string): boolean => SECRET_NAME.test(decodedText(name))

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
