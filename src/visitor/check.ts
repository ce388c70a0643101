import type { SyncOptions } from '../config/interface.ts'
import type { StoreOptions } from '../config/resolve.ts'
import type { Change } from '../draft/change.ts'
import { nextSeq } from '../draft/opened.ts'
import type { Run } from '../line/run.ts'
import { judgeCors } from '../plan/cors.ts'
import type { DesiredObject } from '../plan/plan.ts'
import { urlOfKey } from '../rewrite/url.ts'
import { openAsk, type PublicAnswer } from '../transfer/ask.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import type { Emit } from '../words/events.ts'
import { look, lookPatiently, type Sighting, type Visitor } from './look.ts'
import { corsMissing, unserved } from './refusals.ts'
import { type CrossOrigin, crossOriginOf, mostTelling } from './telling.ts'

/** The longest that one answer of the public address may take, in milliseconds. */
const ASK_TIMEOUT_MS = 10_000

export type CheckOptions = Pick<StoreOptions, 'target' | 'state' | 'requestTimeoutMs'> &
  Pick<SyncOptions, 'delivery' | 'site' | 'channel'> &
  Partial<Pick<SyncOptions, 'cors'>>

/** Looks at the public address before pages name what lies there; once in a run. */
export type PublicCheck = (made: Change, signal: AbortSignal | undefined) => Promise<void>

/**
 * Checks `cors: true` against what the address really does, on an object that pages are about to name there for the
 * first time: one that was just uploaded, or any when the address is new. Other deploys make no request.
 *
 * The returned check throws E_CORS_MISSING, and E_URL_UNSERVED when visitors are refused what the store is proved to
 * hold: a page never names what is not there. Where nothing can be learnt (no network, a 503, a password) it warns and
 * goes on: what a build machine cannot reach, visitors may.
 */
export function openPublicCheck(options: CheckOptions, run: Run & { readonly emit: Emit }): PublicCheck {
  const crossOrigin = options.cors ? crossOriginFor(options) : undefined
  let isDone = crossOrigin === undefined
  return async (made, signal) => {
    if (isDone || crossOrigin === undefined) return
    const isNewAddress = made.live?.pointer.channels.get(options.channel)?.url !== crossOrigin.url.href
    const object = mostTelling(namedAnew(made, isNewAddress))
    if (object === undefined) return
    isDone = true
    const visitor = visitorOf(options, { ...run, signal })
    const isServed = await checkObject(object, { ...crossOrigin, options, visitor, emit: run.emit })
    if (isServed && isNewAddress && options.state === undefined)
      await checkState(made, crossOrigin, { visitor, ...run })
  }
}

function crossOriginFor({ delivery, site }: CheckOptions): CrossOrigin | undefined {
  return delivery.mode === 'mirror'
    ? undefined
    : crossOriginOf(delivery.url, { site, isHost: delivery.mode === 'host' })
}

/** How a run asks. */
export function visitorOf({ requestTimeoutMs }: Pick<StoreOptions, 'requestTimeoutMs'>, run: Run): Visitor {
  return {
    ask: run.ask ?? openAsk(Math.min(requestTimeoutMs, ASK_TIMEOUT_MS)),
    clock: run.clock ?? SYSTEM_CLOCK,
    signal: run.signal,
  }
}

/** Hashed names that lie in the store by now, and that pages are about to name for the first time at this address. */
function namedAnew({ actions }: Change, isNewAddress: boolean): DesiredObject[] {
  return actions.flatMap((action) => {
    if (!('object' in action) || action.object.mutable) return []
    const isNew = action.op === 'put' || action.op === 'confirm' || action.op === 'adopt'
    return isNew || (isNewAddress && action.op === 'keep') ? [action.object] : []
  })
}

interface Checking extends CrossOrigin {
  readonly options: CheckOptions
  readonly visitor: Visitor
  readonly emit: Emit
}

/** @returns whether it is served at all */
async function checkObject(object: DesiredObject, { url, origin, options, visitor, emit }: Checking): Promise<boolean> {
  const address = urlOfKey(url, object.key)
  const sightings: PublicAnswer[][] = []
  for (const headers of [{}, { origin }]) {
    const found = await lookPatiently(address, headers, visitor)
    if (found.kind === 'unknown') {
      emit(unchecked(address, found.why))
      return false
    }
    if (found.kind === 'refused') throw unserved(address, found.why, options.target.label)
    const other = otherThan(object, found)
    if (other !== undefined) throw unserved(address, other, options.target.label)
    sightings.push([...found.answers])
  }
  const [plain = [], asked = []] = sightings
  assertOpen({ plain, asked, origin, address })
  return true
}

/** A site's fallback page, or a network's sign-in page, comes with a 200 too. */
function otherThan({ headers }: DesiredObject, { answers }: Extract<Sighting, { kind: 'served' }>): string | undefined {
  const type = answers.at(-1)?.headers['content-type'] ?? ''
  const wanted = headers['content-type'] ?? ''
  const isHtml = (text: string): boolean => /^text\/html\b/i.test(text)
  return isHtml(type) && !isHtml(wanted) ? `it answered a page of HTML instead of ${wanted}` : undefined
}

interface Asked {
  readonly plain: readonly PublicAnswer[]
  readonly asked: readonly PublicAnswer[]
  readonly origin: string
  readonly address: string
}

/** Each redirect on the way must pass the CORS check too, as in a browser. */
function assertOpen({ plain, asked, origin, address }: Asked): void {
  for (const [index, { headers }] of asked.entries()) {
    const finding = judgeCors({ plain: plain[index]?.headers ?? {}, asked: headers, origin })
    if (finding !== 'open') throw corsMissing(finding, { url: address, origin, asked: headers })
  }
}

function unchecked(address: string, why: string): Parameters<Emit>[0] {
  return {
    type: 'warning',
    code: 'W_CORS_UNCHECKED',
    message: 'whether the public address allows cross-origin use could not be found out',
    items: [`${address}: ${why}`],
    fix: 'lading doctor asks again, from wherever the address can be reached',
  }
}

/** Asks for the record of this deploy, which is in the state by now: whoever can read it can read the whole state. */
async function checkState(
  made: Change,
  { url }: CrossOrigin,
  { visitor, emit }: { readonly visitor: Visitor; readonly emit: Emit },
): Promise<void> {
  const key = `${STATE_FOLDER}deploys/${nextSeq(made)}.json`
  const found = await look(urlOfKey(url, key), {}, visitor)
  if (found.kind === 'served' && isJson(found.answers.at(-1))) emit(statePublic(url.href))
}

const isJson = (answer: PublicAnswer | undefined): boolean =>
  Buffer.from(answer?.bytes ?? [])
    .toString('latin1')
    .trimStart()
    .startsWith('{')

function statePublic(href: string): Parameters<Emit>[0] {
  return {
    type: 'warning',
    code: 'W_STATE_PUBLIC',
    message: 'everybody can read the record of your releases through the public address',
    items: [`${href}${STATE_FOLDER}`],
    fix: STATE_FIX,
  }
}

const STATE_FIX =
  'keep it elsewhere, state: "s3://PRIVATE-BUCKET/PREFIX", or let the CDN refuse what lies below .lading/'
