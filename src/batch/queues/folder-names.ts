/** A message's state, kept in its file name; the file's content never changes. */
export interface QueueEntry {
  /** When it becomes visible, in whole milliseconds since 1970. While it is leased, that is when the lease ends. */
  readonly visibleAt: number
  readonly sentAt: number
  /** 0 before the first time. */
  readonly firstReceivedAt: number
  readonly receives: number
  /** Identifies one delivery; `-` while the message is not leased. */
  readonly token: string
  readonly id: string
}

/** The token of a message that is not leased. */
export const FREE = '-'

const NAME = /^(\d{15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,9})\.([0-9a-z]{1,32}|-)\.([0-9a-z]{1,40})$/

/** Digits of a timestamp, padded so that names sort by it: enough until the year 33658. */
const DIGITS = 15

/** `000001790000000000.…`: names sort by when their messages may be seen. */
export function nameOf({ visibleAt, sentAt, firstReceivedAt, receives, token, id }: QueueEntry): string {
  return [pad(visibleAt), sentAt, firstReceivedAt, receives, token, id].join('.')
}

const pad = (moment: number): string => String(moment).padStart(DIGITS, '0')

/** Whether a name's message may be seen, without reading all of the name. */
export const isVisible = (name: string, now: number): boolean => name.slice(0, DIGITS) <= pad(now)

/** What a name says; `undefined` for a file that is none of ours. */
export function entryOf(name: string): QueueEntry | undefined {
  const parts = NAME.exec(name)
  if (!parts) return undefined
  const [, visibleAt, sentAt, firstReceivedAt, receives, token = FREE, id = ''] = parts
  return {
    visibleAt: Number(visibleAt),
    sentAt: Number(sentAt),
    firstReceivedAt: Number(firstReceivedAt),
    receives: Number(receives),
    token,
    id,
  }
}
