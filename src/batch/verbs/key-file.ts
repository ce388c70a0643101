import { createPublicKey, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LadingError } from '../../words/errors.ts'
import { createSigner, newKeyPair, type Signer } from '../plan/signing.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where the private key is: `LADING_BATCH_KEY`, else in the user's own configuration. Never in a store. */
export function batchKeyFile(env: Env): string {
  if (env.LADING_BATCH_KEY) return env.LADING_BATCH_KEY
  const user = env.HOME || env.USERPROFILE
  const home = env.XDG_CONFIG_HOME || (user && join(user, '.config'))
  if (home) return join(home, 'lading', 'batch.key')
  throw new LadingError('E_CONFIG', 'there is no place for the key that signs jobs', {
    why: 'neither HOME nor XDG_CONFIG_HOME is set',
    hint: 'Name a file in LADING_BATCH_KEY.',
  })
}

export interface BatchKeys {
  readonly signer: Signer
  /** What workers need to verify messages; one line. */
  readonly publicKey: string
}

/**
 * The key that signs jobs and commands: created at first use, readable by this user only. Concurrent first uses get the
 * same key.
 *
 * @throws E_CONFIG when others may read it, or it holds no key
 */
export async function loadKeys(file: string): Promise<BatchKeys> {
  const pem = (await read(file)) ?? (await make(file))
  const signer = createSigner(pem)
  return { signer, publicKey: createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64') }
}

/** Why nothing can be signed here; `undefined` when it can. Makes no key, as {@link loadKeys} would. */
export async function signingTrouble(env: Env): Promise<LadingError | undefined> {
  try {
    const file = batchKeyFile(env)
    const pem = await read(file)
    if (pem !== undefined) return void createSigner(pem)
    return new LadingError('E_CONFIG', 'there is no private key on this machine', {
      subject: file,
      why: 'workers obey only orders that are signed with it',
      hint: 'Open the dashboard where batches are submitted, or name the key in LADING_BATCH_KEY.',
    })
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
}

/**
 * The public keys that a worker trusts: `LADING_BATCH_PUBLIC_KEYS`, separated by spaces, as the launch template sets
 * it; if unset, as on the machine that submits, this user's own.
 */
export async function trustedKeys(env: Env): Promise<readonly string[]> {
  const given = (env.LADING_BATCH_PUBLIC_KEYS ?? '').split(/[\s,]+/).filter((key) => key !== '')
  return given.length > 0 ? given : [(await loadKeys(batchKeyFile(env))).publicKey]
}

async function read(file: string): Promise<string | undefined> {
  const facts = await stat(file).catch(() => undefined)
  if (!facts) return undefined
  // Windows has no such bits and says 0666 of every file.
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
    throw new LadingError('E_CONFIG', 'the private key of the batch can be read by others', {
      subject: file,
      why: 'whoever has it can give the workers jobs',
      hint: `chmod 600 ${file}; if somebody may have read it, remove it, and a new one is made.`,
    })
  }
  return readFile(file, 'utf8').catch((error) => {
    throw unusable('read', file, error)
  })
}

async function make(file: string): Promise<string> {
  const { privateKey } = newKeyPair()
  const draft = `${file}.${randomUUID()}.new`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(draft, privateKey, { flag: 'wx', mode: 0o600, flush: true })
    // link() is atomic, and only one of several callers succeeds.
    await link(draft, file)
    return privateKey
  } catch (error) {
    const other = await read(file)
    if (other !== undefined) return other
    throw unusable('kept', file, error)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

function unusable(what: 'read' | 'kept', file: string, cause: unknown): LadingError {
  return new LadingError('E_CONFIG', `the key that signs jobs cannot be ${what}`, {
    subject: file,
    why: cause instanceof Error ? cause.message : undefined,
    hint:
      what === 'kept'
        ? 'Name a file in LADING_BATCH_KEY that can be written.'
        : 'Give the user of the run the right to read it.',
    cause,
  })
}
