import { recordOf, textOf } from './cloudfront-log.ts'
import { bytesOf, type Parsed, type ParseLine } from './entry.ts'

/** The others, `dynamic`, `bypass` and the like, were no question to the cache. */
const CACHE: ReadonlyMap<string, 'hit' | 'miss'> = new Map([
  ...['hit', 'stale', 'updating', 'revalidated', 'stream_hit'].map((status) => [status, 'hit'] as const),
  ...['miss', 'expired'].map((status) => [status, 'miss'] as const),
])

/**
 * Cloudflare's Logpush, `http_requests`, as an object on each line; who set it up has chosen the fields.
 * https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/
 */
export function logpushLog(): ParseLine {
  return (line): Parsed => {
    if (line === '') return 'note'
    const record = recordOf(line)
    if (record === undefined) return undefined
    const field = (name: string): string | undefined => textOf(Object.hasOwn(record, name) ? record[name] : undefined)
    const target = field('ClientRequestURI') ?? field('ClientRequestPath')
    const [status = '', bytes] = [field('EdgeResponseStatus'), bytesOf(field('EdgeResponseBytes') ?? '')]
    if (target === undefined || bytes === undefined || !/^\d{1,3}$/.test(status)) return undefined
    return {
      site: field('ClientRequestHost') ?? '',
      target: target.startsWith('/') ? target : '',
      status: Number(status),
      bytes,
      atMs: timeOf(field('EdgeStartTimestamp') ?? field('EdgeEndTimestamp') ?? ''),
      cache: CACHE.get(field('CacheCacheStatus') ?? ''),
    }
  }
}

/** Written as RFC 3339, in seconds or in nanoseconds since 1970, as was chosen; NaN beyond what a date can be. */
function timeOf(text: string): number {
  if (!/^\d+$/.test(text)) return Date.parse(text)
  const count = Number(text)
  return new Date(count < 1e11 ? count * 1000 : count / 1e6).getTime()
}
