/** Names a message to its queue, the same at every delivery. */
export type MessageId = string

/** What is sent. What the text means is none of the queue's business: see `messages.ts`. */
export interface Outgoing {
  readonly body: string
  /** How long it stays hidden at first, in seconds, up to {@link QueueLimits.delaySeconds}. @default 0 */
  readonly delaySeconds?: number | undefined
  /** Fair scheduling between groups, where the queue supports it; nothing else. */
  readonly group?: string | undefined
  /** Beside the body, by plain names: `traceparent`, `reason`. @default none */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

/** One delivery of a message. It is ours until its lease ends. */
export interface Message {
  readonly id: MessageId
  /** Identifies this delivery; opaque to everything but its queue. */
  readonly handle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly group: string | undefined
  /** How often it was delivered, this time included; deliveries that were released count too. */
  readonly receives: number
  /** By the queue's clock, in milliseconds since 1970. */
  readonly sentAt: number
  readonly firstReceivedAt: number
}

export interface SendFailure {
  /** Its place among those that were to be sent. */
  readonly index: number
  readonly reason: string
  /** Whether the message itself is refused: sending it again will not help. */
  readonly isOurs: boolean
}

export interface LeaseFailure {
  readonly message: Message
  readonly reason: string
  /** Whether the lease has ended, so that somebody else may have the message. Otherwise the call may be repeated. */
  readonly isLost: boolean
}

export interface ReceiveOptions {
  /** How many at most, from 1 to {@link QueueLimits.batch}. */
  readonly max: number
  /** How long to wait for the first one, in seconds, up to {@link QueueLimits.waitSeconds}. @default 0 */
  readonly waitSeconds?: number | undefined
  readonly leaseSeconds: number
  /**
   * Ends the wait early where the queue can do that without orphaning leased messages; what has come is returned. It
   * never makes the call reject: messages of an aborted receive would be leased to nobody.
   */
  readonly hurry?: AbortSignal | undefined
}

/** The approximate content of a queue: each number is a momentary estimate. */
export interface Gauge {
  /** Waiting to be received. */
  readonly visible: number
  /** Leased. */
  readonly inFlight: number
  /** Sent, but not visible yet. */
  readonly delayed: number
  /** Age of the oldest visible message, in seconds; absent where nothing waits or the queue does not tell. */
  readonly headAgeSeconds: number | undefined
}

export interface QueueLimits {
  /** UTF-8 bytes of a body with its attributes' names and values. */
  readonly messageBytes: number
  /** Messages of one receive. */
  readonly batch: number
  readonly delaySeconds: number
  readonly waitSeconds: number
  readonly leaseSeconds: number
}

/**
 * Where work waits. A handful of methods and these promises:
 *
 * - What `send` has accepted is durable, and is delivered at least once, as a whole, until it is acked. It may come
 *   again, in any order, even after an ack: handlers have to be idempotent.
 * - A delivered message is leased: until its lease ends, is released or is lost, nobody else gets it. Then it comes
 *   back with a higher receive count, also when its receiver has died at whatever moment.
 * - An empty answer does not mean an empty queue.
 * - Single failures come back with their message and never hide the success of others. A call rejects (with a
 *   `LadingError`, `retryable` where the same call may succeed later) when nothing is known of any of them.
 * - `ack`, `extend` and `release` of a lease that has ended do no harm; where the queue knows, it says `isLost`.
 * - A queue with dead letters moves a message there instead of delivering it too often.
 *
 * An adapter is an object literal without `this`; waiting and time are handed in.
 */
export interface Queue {
  /** For people and messages. Holds no credentials. */
  readonly label: string
  readonly limits: QueueLimits

  /** Sends any number of messages. @returns those that were not accepted; all others were */
  send(
    messages: readonly Outgoing[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly SendFailure[]>

  /** Leases what is visible. The clock of a lease starts before its message arrives here. */
  receive(options: ReceiveOptions): Promise<readonly Message[]>

  /** Makes the leases end `leaseSeconds` from now. */
  extend(messages: readonly Message[], leaseSeconds: number): Promise<readonly LeaseFailure[]>

  /** Hands messages back, to be seen after a while. @param delaySeconds @default 0 */
  release(messages: readonly Message[], delaySeconds?: number): Promise<readonly LeaseFailure[]>

  /** The messages are done with and go away. */
  ack(messages: readonly Message[]): Promise<readonly LeaseFailure[]>

  gauge(): Promise<Gauge>
}

/** Where messages go that were received too often. */
export interface Redrive<Where> {
  readonly to: Where
  /** Deliveries that a message may have. */
  readonly maxReceives: number
}
