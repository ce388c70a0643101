import { bytesOf, type Parsed, type ParseLine } from './entry.ts'
import { clfTime } from './log-time.ts'

/**
 * `OWNER BUCKET [TIME] IP REQUESTER ID OPERATION KEY "REQUEST" STATUS ERROR BYTES ...`
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 */
const LINE =
  /^\S+ (\S+) \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] \S+ \S+ \S+ ([A-Z][\w.]+) (\S+) (?:"(?:[^"\\]|\\.)*"|-) (\d{3}|-) \S+ (\d+|-) /

/** Requests that visitors make; the rest are listings, writes and questions about the bucket. */
const READS = /^(?:REST|WEBSITE)\.(?:GET|HEAD)\.OBJECT$/

export function s3Log(): ParseLine {
  const timeOf = clfTime()
  return (line): Parsed => {
    if (line === '') return 'note'
    const [, site = '', time = '', operation = '', key = '', status = '', sent = ''] = LINE.exec(line) ?? []
    const bytes = bytesOf(sent)
    if (status === '' || bytes === undefined) return undefined
    if (status === '-') return 'note' // what the store does by itself: lifecycle, batch operations
    const target = READS.test(operation) && key !== '-' ? `/${key}` : ''
    return { site, target, status: Number(status), bytes, atMs: timeOf(time), cache: undefined }
  }
}
