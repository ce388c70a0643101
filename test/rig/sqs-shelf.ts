import { createHash, randomUUID } from 'node:crypto'

/** How the strict SQS keeps one queue. Everything happens without an await, so every request is atomic. */
export interface Shelf {
  readonly name: string
  readonly attributes: Map<string, string>
  put(entry: ShelfEntry, delaySeconds: number): StoredMessage
  take(options: TakeOptions): StoredMessage[]
  /** The message of a handle, as long as that is its newest and its lease lasts. */
  held(handle: string): StoredMessage | undefined
  /** The message of any handle that it ever had. */
  known(handle: string): StoredMessage | undefined
  isHandle(handle: string): boolean
  drop(message: StoredMessage): void
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number }
}

export interface ShelfEntry {
  readonly body: string
  readonly attributes: Readonly<Record<string, { readonly DataType: string; readonly StringValue?: string }>>
  readonly group: string | undefined
}

export interface StoredMessage extends ShelfEntry {
  readonly id: string
  readonly md5: string
  readonly sentAt: number
  visibleAt: number
  receives: number
  firstReceivedAt: number | undefined
  handle: string | undefined
}

export interface TakeOptions {
  readonly max: number
  readonly leaseSeconds: number
  /** Orders what is visible. */
  readonly order: (messages: StoredMessage[]) => StoredMessage[]
  /** Whether a message that is delivered stays visible all the same: a duplicate. */
  readonly isCopied: () => boolean
  /** Where a message goes that was received that often. */
  readonly redrive: { readonly to: Shelf; readonly maxReceives: number } | undefined
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

export function createShelf(name: string, now: () => number): Shelf {
  const messages = new Map<string, StoredMessage>()
  const handles = new Map<string, StoredMessage>()
  const given = new Set<string>()

  const deliver = (message: StoredMessage, { leaseSeconds, isCopied }: TakeOptions): StoredMessage => {
    message.receives += 1
    message.firstReceivedAt ??= now()
    message.handle = randomUUID()
    handles.set(message.handle, message)
    given.add(message.handle)
    if (!isCopied()) message.visibleAt = now() + leaseSeconds * 1000
    return { ...message }
  }

  return {
    name,
    attributes: new Map(),
    put(entry, delaySeconds) {
      const message: StoredMessage = {
        ...entry,
        id: randomUUID(),
        md5: md5(entry.body),
        sentAt: now(),
        visibleAt: now() + delaySeconds * 1000,
        receives: 0,
        firstReceivedAt: undefined,
        handle: undefined,
      }
      messages.set(message.id, message)
      return message
    },
    take(options) {
      const taken: StoredMessage[] = []
      for (const message of options.order([...messages.values()].filter(({ visibleAt }) => visibleAt <= now()))) {
        if (taken.length === options.max) break
        const { redrive } = options
        if (redrive && message.receives >= redrive.maxReceives) {
          messages.delete(message.id)
          redrive.to.put(message, 0)
        } else taken.push(deliver(message, options))
      }
      return taken
    },
    held(handle) {
      const message = handles.get(handle)
      return message?.handle === handle && messages.has(message.id) && message.visibleAt > now() ? message : undefined
    },
    known(handle) {
      const message = handles.get(handle)
      return message && messages.has(message.id) ? message : undefined
    },
    isHandle: (handle) => given.has(handle),
    drop: (message) => void messages.delete(message.id),
    counts() {
      const all = [...messages.values()]
      const visible = all.filter(({ visibleAt }) => visibleAt <= now()).length
      const delayed = all.filter(({ visibleAt, receives }) => visibleAt > now() && receives === 0).length
      return { visible, delayed, inFlight: all.length - visible - delayed }
    },
  }
}
