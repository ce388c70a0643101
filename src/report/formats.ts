import { albLog } from './alb-log.ts'
import { cloudfrontJsonLog, cloudfrontLog } from './cloudfront-log.ts'
import { commonLog } from './common-log.ts'
import type { LogFormat, Parsed, ParseLine } from './entry.ts'
import { logpushLog } from './logpush-log.ts'
import { s3Log } from './s3-log.ts'

/** No line is one of two formats. */
const READERS: Readonly<Record<LogFormat, (isForced?: boolean) => ParseLine>> = {
  common: commonLog,
  cloudfront: cloudfrontLog,
  'cloudfront-json': cloudfrontJsonLog,
  s3: s3Log,
  alb: albLog,
  logpush: logpushLog,
}

/** Reads the lines of one file. The first line that is one of some format decides for all of them. */
export function createReader(format?: LogFormat): ParseLine {
  let read = format && READERS[format](true)
  const candidates = Object.values(READERS).map((create) => create())
  return (line): Parsed => {
    if (read !== undefined) return read(line)
    if (line === '') return 'note'
    for (const candidate of candidates) {
      const parsed = candidate(line)
      if (parsed === undefined) continue
      read = candidate
      return parsed
    }
    return undefined
  }
}
