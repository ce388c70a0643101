import * as v from 'valibot'
import { SHA256 } from '../../images/plan/keys.ts'
import { BATCH_ID, INSTANCE_ID, ITEM_ID, isOriginalKey, RECIPE_ID, SHARD_ID } from './keys.ts'
import { LANES, type Lane } from './lanes.ts'
import type { ItemSource } from './manifest.ts'
import type { Signer, Verifier } from './signing.ts'

/** The message schema that this version sends and understands. */
const VERSION = 1

/** One source with all its variants. */
export interface ImageJob {
  readonly v: 1
  readonly kind: 'image'
  readonly batch: string
  readonly item: string
  /** Only the key is relied on: size and digest are verified before anything is decoded. */
  readonly src: ItemSource
  readonly recipe: string
  /** The queue that it belongs to. */
  readonly lane: Lane
  /** Core-seconds. */
  readonly predicted: number
  /** From then on it is not worth doing. ISO 8601. */
  readonly deadline: string
}

/** Look whether a shard is complete. */
export interface AssembleJob {
  readonly v: 1
  readonly kind: 'assemble'
  readonly batch: string
  readonly shard: string
}

export type Order =
  | { readonly verb: 'drain' | 'stop' | 'pause' | 'resume' | 'stats' }
  | { readonly verb: 'concurrency'; readonly slots: number }
  | { readonly verb: 'cancel'; readonly batch: string }

/** An order to one instance: from a fixed list, valid once and for a limited time. */
export type Command = Order & {
  readonly v: 1
  readonly kind: 'command'
  /** Unique. */
  readonly id: string
  readonly instance: string
  /** ISO 8601. At most {@link COMMAND_LIFE_SECONDS} before `expires`. */
  readonly issued: string
  readonly expires: string
}

export type BatchMessage = ImageJob | AssembleJob | Command

/** How long a command may lie in its queue, in seconds. */
export const COMMAND_LIFE_SECONDS = 3600

/** Slots that a command can ask for. */
const MAX_SLOTS = 1024

const LIMITS = {
  /** Bytes of an original: what S3 takes in one piece. Which images are rendered is up to the renderer. */
  bytes: 5 * 1024 ** 3,
  /** Pixels of one side: the maximum of any format. */
  side: 2 ** 31,
  /** Core-seconds of one image: a day. */
  predicted: 86_400,
} as const

const whole = (least: number, most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most))
const word = (form: RegExp) => v.pipe(v.string(), v.regex(form))
const moment = v.pipe(v.string(), v.maxLength(40), v.isoTimestamp())

const SOURCE = v.pipe(
  v.strictObject({
    key: v.pipe(v.string(), v.maxLength(128)),
    sha256: word(SHA256),
    bytes: whole(0, LIMITS.bytes),
    type: word(/^[a-z]+\/[a-z0-9.+-]{1,60}$/),
    width: v.optional(whole(1, LIMITS.side)),
    height: v.optional(whole(1, LIMITS.side)),
  }),
  v.check(
    ({ key, sha256 }) => isOriginalKey(key, sha256),
    'E_JOB_FORBIDDEN: its source is no original of the batch store',
  ),
)

const IMAGE: v.GenericSchema<unknown, ImageJob> = v.strictObject({
  v: v.literal(VERSION),
  kind: v.literal('image'),
  batch: word(BATCH_ID),
  item: word(ITEM_ID),
  src: SOURCE,
  recipe: word(RECIPE_ID),
  lane: v.picklist(LANES),
  predicted: v.pipe(v.number(), v.minValue(0), v.maxValue(LIMITS.predicted)),
  deadline: moment,
})

const ASSEMBLE: v.GenericSchema<unknown, AssembleJob> = v.strictObject({
  v: v.literal(VERSION),
  kind: v.literal('assemble'),
  batch: word(BATCH_ID),
  shard: word(SHARD_ID),
})

const ADDRESSED = {
  v: v.literal(VERSION),
  kind: v.literal('command'),
  id: word(/^[0-9A-Za-z-]{8,64}$/),
  instance: word(INSTANCE_ID),
  issued: moment,
  expires: moment,
} as const

const COMMAND: v.GenericSchema<unknown, Command> = v.variant('verb', [
  v.strictObject({ ...ADDRESSED, verb: v.picklist(['drain', 'stop', 'pause', 'resume', 'stats']) }),
  v.strictObject({ ...ADDRESSED, verb: v.literal('concurrency'), slots: whole(1, MAX_SLOTS) }),
  v.strictObject({ ...ADDRESSED, verb: v.literal('cancel'), batch: word(BATCH_ID) }),
])

const SCHEMAS: Readonly<Record<string, v.GenericSchema<unknown, BatchMessage>>> = {
  image: IMAGE,
  assemble: ASSEMBLE,
  command: COMMAND,
}

/** A message as it is sent. */
export function encodeMessage(message: BatchMessage, signer: Signer): string {
  return signer.sign(message)
}

/** A queue, by what belongs into it. */
export type Place =
  | { readonly kind: 'lane'; readonly lane: Lane }
  | { readonly kind: 'assembly' }
  | { readonly kind: 'control'; readonly instance: string }

/**
 *   ours      signed, of a form that we know, and confined to the batch store
 *   newer     signed, of a later version: another worker may understand it, so it must not be discarded
 *   foreign   anything else, and why
 */
export type Opened =
  | { readonly status: 'ours'; readonly message: BatchMessage }
  | { readonly status: 'newer'; readonly version: number }
  | { readonly status: 'foreign'; readonly reason: string }

/**
 * Parses an untrusted message from a queue. Nothing of it is used before its signature is verified, and a message that
 * is addressed to one queue is foreign in another.
 */
export function openMessage(text: string, verify: Verifier, place: Place): Opened {
  const verdict = verify(text)
  if (verdict.status === 'foreign') return verdict
  const { message } = verdict
  if (typeof message.v === 'number' && message.v > VERSION) return { status: 'newer', version: message.v }
  const schema =
    typeof message.kind === 'string' && Object.hasOwn(SCHEMAS, message.kind) ? SCHEMAS[message.kind] : undefined
  if (!schema) return { status: 'foreign', reason: 'it is of no kind that there is' }
  const parsed = v.safeParse(schema, message)
  if (parsed.success) {
    const reason = strangenessOf(parsed.output, place)
    return reason === undefined ? { status: 'ours', message: parsed.output } : { status: 'foreign', reason }
  }
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  return { status: 'foreign', reason: `${where ? `${where}: ` : ''}${issue.message}`.slice(0, 200) }
}

function strangenessOf(message: BatchMessage, place: Place): string | undefined {
  if (message.kind === 'image') {
    return place.kind === 'lane' && place.lane === message.lane ? undefined : `it belongs to the lane ${message.lane}`
  }
  if (message.kind === 'assemble') return place.kind === 'assembly' ? undefined : 'it belongs to the assembly'
  const isHere = place.kind === 'control' && place.instance === message.instance
  return isHere ? undefined : `it is for the instance ${message.instance}`
}
