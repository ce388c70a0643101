import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { canonicalJson } from '../../images/plan/canonical.ts'
import { LadingError } from '../../words/errors.ts'

/** Prefix of every signed text (domain separation): a signature made for another purpose is invalid here. */
const CONTEXT = 'lading batch message\n'

/** Bytes that a message may have; ours have less than a quarter. Longer ones are not even parsed. */
const MAX_MESSAGE_BYTES = 8192

export interface KeyPair {
  /** PKCS #8, PEM. Held by producer and operator only. */
  readonly privateKey: string
  /** SPKI, base64 in one line. In the launch template. */
  readonly publicKey: string
}

export interface Signer {
  /** Which key it is: the start of the public key's digest. */
  readonly keyId: string
  /** The message with `key` and `sig`, as it is sent. */
  sign(message: object): string
}

/**
 *   signed    `message` was sent by a holder of one of the keys; its schema was not checked
 *   foreign   anything else, and why
 */
export type Verdict =
  | { readonly status: 'signed'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly status: 'foreign'; readonly reason: string }

export type Verifier = (text: string) => Verdict

/** A new pair of Ed25519 keys. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

/** @param pem the private key. @throws E_CONFIG */
export function createSigner(pem: string): Signer {
  const key = ed25519(() => createPrivateKey(pem), 'private')
  const keyId = keyIdOf(createPublicKey(key))
  return {
    keyId,
    sign(message) {
      const signed = { ...message, key: keyId }
      return canonicalJson({ ...signed, sig: signBytes(null, bytesOf(signed), key).toString('base64url') })
    },
  }
}

/**
 * @param publicKeys those that may sign: more than one during key rotation
 * @throws E_CONFIG
 */
export function createVerifier(publicKeys: readonly string[]): Verifier {
  const keys = new Map(publicKeys.map((text) => [...entryOf(text)] as const))
  return (text) => {
    const parsed = parse(text)
    if (typeof parsed === 'string') return { status: 'foreign', reason: parsed }
    const { sig, ...signed } = parsed
    const key = typeof signed.key === 'string' ? keys.get(signed.key) : undefined
    if (typeof sig !== 'string' || signed.key === undefined) return { status: 'foreign', reason: 'it is not signed' }
    if (key === undefined) return { status: 'foreign', reason: 'it is signed with a key that is not known here' }
    if (!isSignedBy(key, signed, sig)) return { status: 'foreign', reason: 'its signature is not right' }
    const { key: _, ...message } = signed
    return { status: 'signed', message }
  }
}

function entryOf(text: string): [string, KeyObject] {
  const read = (): KeyObject => createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' })
  const key = ed25519(read, 'public')
  return [keyIdOf(key), key]
}

/** The object in a text, or what is wrong with it. */
function parse(text: string): Record<string, unknown> | string {
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) return `it has more than ${MAX_MESSAGE_BYTES} bytes`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not an object'
  return { ...value }
}

function isSignedBy(key: KeyObject, signed: object, sig: string): boolean {
  try {
    return verifyBytes(null, bytesOf(signed), key, Buffer.from(sig, 'base64url'))
  } catch {
    // Nested too deep for canonical JSON, so not signed by us.
    return false
  }
}

const bytesOf = (signed: object): Buffer => Buffer.from(CONTEXT + canonicalJson(signed))

function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
}

function ed25519(read: () => KeyObject, which: 'private' | 'public'): KeyObject {
  let key: KeyObject | undefined
  try {
    key = read()
  } catch {
    // Dropped: Node's error may quote the key.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new LadingError('E_CONFIG', `the ${which} key of the batch cannot be read`, {
    why: which === 'private' ? 'it is not an Ed25519 key in PEM' : 'it is not an Ed25519 key in base64, of one line',
    hint: 'Make a pair anew, and give the public key to the workers.',
  })
}
