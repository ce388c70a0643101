import { randomBytes } from 'node:crypto'
import type { DoctorOptions } from '../config/doctor.ts'
import { type CorsFinding, judgeCors } from '../plan/cors.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { encodePath } from '../rewrite/url.ts'
import type { Store } from '../store/store.ts'
import type { PublicAnswer } from '../transfer/ask.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { Key, PublicUrl } from '../words/model.ts'
import { look, lookPatiently, type Visitor } from './look.ts'
import { crossOriginOf } from './telling.ts'

/** What visitors get through the public address. What could not be found out is absent. */
export interface PublicFacts {
  /** `unknown`: there was no answer, or none that visitors would get. */
  readonly served: 'yes' | 'no' | 'unknown'
  /** Why it is not `yes`, half a sentence: `it answered 403`. */
  readonly why?: string | undefined
  /** Absent where pages and assets share one origin too: it does not matter there. */
  readonly cors?: CorsFinding | undefined
  /** What the configuration says. */
  readonly declaredCors: boolean
  /** Whether text is compressed on its way. */
  readonly compresses?: boolean | undefined
  /** Whether Cache-Control comes as it was stored. */
  readonly keepsCacheControl?: boolean | undefined
  /** Whether `X-Content-Type-Options: nosniff` comes with it. */
  readonly nosniff?: boolean | undefined
  /** Whether everybody can read the state; absent where it lies elsewhere. */
  readonly statePublic?: boolean | undefined
}

/** What is known of an address whose store is not there yet: nothing is put there to be asked for. */
export function unseen({ cors = false }: Pick<DoctorOptions, 'cors'>): PublicFacts {
  return { served: 'unknown', why: 'the store is not there yet', declaredCors: cors }
}

const CACHE_CONTROL = 'public, max-age=31536000, immutable'
/** CloudFront compresses nothing that is smaller than 1,000 bytes. */
const TEXT_LINES = 60

/**
 * Puts two small objects into the store, asks for them as visitors do, and removes them again. Their names hold 16
 * random bytes: no file of the site can have them, and no cache has heard of them.
 */
export async function diagnose(store: Store, url: PublicUrl, asking: Asking): Promise<PublicFacts> {
  const { options, visitor } = asking
  const base = { declaredCors: options.cors ?? false }
  if (url.kind === 'path' && options.site === undefined) {
    return { ...base, served: 'unknown', why: 'it is a path: set `site`, and it is asked for there' }
  }
  const name = randomBytes(16).toString('hex')
  // a space and a plus sign are what CDNs and buckets understand differently
  const probe = { key: `${ASSET_FOLDER}lading-probe-${name}/a b+c.css`, text: `/* ${name} */\n`.repeat(TEXT_LINES) }
  const secret = { key: `${STATE_FOLDER}probe-${name}.txt`, text: name }
  const probes = options.state === undefined ? [probe, secret] : [probe]
  try {
    for (const each of probes) await put(store, each, visitor)
    const found = await visit(url, probe, asking)
    if (options.state !== undefined || found.served === 'unknown') return { ...base, ...found }
    return { ...base, ...found, statePublic: await isReadable(url, secret, asking) }
  } finally {
    await remove(
      store,
      probes.map(({ key }) => key),
    )
  }
}

export interface Asking {
  readonly options: Pick<DoctorOptions, 'site' | 'cors' | 'host' | 'state'>
  readonly visitor: Visitor
}

interface Probe {
  readonly key: Key
  readonly text: string
}

async function visit(url: PublicUrl, probe: Probe, asking: Asking): Promise<Omit<PublicFacts, 'declaredCors'>> {
  const { options, visitor } = asking
  const crossOrigin = crossOriginOf(url, { site: options.site, isHost: options.host ?? false })
  const origin = crossOrigin?.origin
  const compressed = { 'accept-encoding': 'gzip, br' }
  const answers: PublicAnswer[] = []
  for (const headers of [compressed, { ...compressed, ...(origin !== undefined && { origin }) }]) {
    const found = await lookPatiently(addressOf(url, probe.key, asking), headers, visitor)
    if (found.kind !== 'served') return { served: found.kind === 'refused' ? 'no' : 'unknown', why: found.why }
    const answer = found.answers.at(-1) ?? found.answers[0]
    if (!holds(answer, probe)) return { served: 'no', why: 'it answered something else' }
    answers.push(answer)
  }
  const [plain = {}, asked = {}] = answers.map(({ headers }) => headers)
  return {
    served: 'yes',
    cors: origin === undefined ? undefined : judgeCors({ plain, asked, origin }),
    // some CDNs compress only from the second request on
    compresses: [plain, asked].some((headers) => headers['content-encoding'] !== undefined),
    keepsCacheControl: sameDirectives(plain['cache-control'], CACHE_CONTROL),
    nosniff: plain['x-content-type-options']?.trim().toLowerCase() === 'nosniff',
  }
}

const holds = ({ bytes }: PublicAnswer, { text }: Probe): boolean => Buffer.from(bytes).equals(Buffer.from(text))

async function isReadable(url: PublicUrl, secret: Probe, asking: Asking): Promise<boolean | undefined> {
  const found = await look(addressOf(url, secret.key, asking), {}, asking.visitor)
  if (found.kind === 'unknown') return undefined
  return found.kind === 'served' && found.answers.some((answer) => holds(answer, secret))
}

/** A path is resolved against the site's own address. */
function addressOf(url: PublicUrl, key: Key, { options }: Asking): string {
  return new URL(url.href + encodePath(key), options.site).href
}

function sameDirectives(a: string | undefined, b: string): boolean {
  const directives = (text: string): string[] => text.split(',').map((part) => part.trim().toLowerCase())
  return a !== undefined && directives(a).sort().join() === directives(b).sort().join()
}

async function put(store: Store, { key, text }: Probe, { signal }: Visitor): Promise<void> {
  const headers = { 'content-type': 'text/css; charset=utf-8', 'cache-control': CACHE_CONTROL }
  await store.put(key, bytesBody(Buffer.from(text)), headers, { when: 'absent', signal })
}

/** Without permission to remove, two small objects stay behind that nothing names. */
async function remove(store: Store, keys: readonly Key[]): Promise<void> {
  try {
    await store.remove(keys)
  } catch (error) {
    if (!(error instanceof LadingError && error.code === 'E_ACCESS_DENIED')) throw error
  }
}
