/** The log formats that are read. `common` is Apache's and nginx's, with or without the fields that `combined` adds. */
export const LOG_FORMATS = ['common', 'cloudfront', 'cloudfront-json', 's3', 'alb', 'logpush'] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

/** One request, without whose it was: addresses and user agents are never taken out of a line. */
export interface LogEntry {
  /** Virtual host, distribution or bucket; empty where the log does not name it. */
  readonly site: string
  /** Path and query as they were sent, each byte one character; empty where no file was asked for. */
  readonly target: string
  readonly status: number
  /** Bytes sent, as the log counts them. */
  readonly bytes: number
  /** Milliseconds since 1970; NaN where the line names no time. */
  readonly atMs: number
  /** What the cache in front made of it; undefined where the log does not tell. */
  readonly cache: 'hit' | 'miss' | undefined
}

/** `note`: a line that is no request, and is none by its format: a header, an empty line, an action of the store itself. */
export type Parsed = LogEntry | 'note' | undefined

/** Reads one line of a log, each byte one character, without its end. Keeps what earlier lines said of the format. */
export type ParseLine = (line: string) => Parsed

/** `1234` or `-`; other numbers are none that a server wrote. */
export function bytesOf(text: string): number | undefined {
  if (text === '-') return 0
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
