import { bytesOf, type LogEntry, type Parsed, type ParseLine } from './entry.ts'
import { utcTime } from './log-time.ts'

/** The fields of a log without a header. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html */
const FIELDS =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type'

/** The rest, `Error`, `Redirect` and the like, was no question to the cache. */
const CACHE: ReadonlyMap<string, 'hit' | 'miss'> = new Map([
  ['Hit', 'hit'],
  ['RefreshHit', 'hit'],
  ['OriginShieldHit', 'hit'],
  ['Miss', 'miss'],
])

type Field = (name: string) => string | undefined

/**
 * Tab separated, the fields named by a `#Fields:` line, which stands again where files were joined.
 * @param isForced a log that begins without that line has the usual fields; else it is none
 */
export function cloudfrontLog(isForced = false): ParseLine {
  const entryOf = entryReader()
  let columns = isForced ? columnsOf(FIELDS) : undefined
  return (line): Parsed => {
    if (line === '') return 'note'
    if (line.startsWith('#')) {
      if (!/^#(?:Version|Fields):/.test(line)) return undefined
      if (line.startsWith('#Fields:')) columns = columnsOf(line.slice('#Fields:'.length))
      return 'note'
    }
    if (columns === undefined) return undefined
    const { places, width } = columns
    const cells = line.split('\t', width)
    return entryOf((name) => cells[places.get(name) ?? -1])
  }
}

const READ = ['date', 'time', 'sc-bytes', 'cs(Host)', 'cs-uri-stem', 'sc-status', 'x-edge-result-type']

/** Where each field that is read stands, and how many must be looked at to get them all. */
function columnsOf(names: string): { readonly places: ReadonlyMap<string, number>; readonly width: number } {
  const all = names.trim().split(/\s+/)
  const places = new Map(READ.map((name) => [name, all.indexOf(name)] as const).filter(([, at]) => at >= 0))
  return { places, width: Math.max(0, ...places.values()) + 1 }
}

/** The same fields as an object on each line, as standard logging v2 can deliver them. */
export function cloudfrontJsonLog(): ParseLine {
  const entryOf = entryReader()
  return (line): Parsed => {
    if (line === '') return 'note'
    const record = recordOf(line)
    return record && entryOf((name) => textOf(Object.hasOwn(record, name) ? record[name] : undefined))
  }
}

/** One JSON object of a line that is UTF-8, each byte one character. */
export function recordOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    // bytes as characters until here; JSON is UTF-8
    const value: unknown = JSON.parse(Buffer.from(line, 'latin1').toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** A field's value, each byte one character again. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? Buffer.from(value).toString('latin1') : undefined
}

function entryReader(): (field: Field) => LogEntry | undefined {
  const timeOf = utcTime()
  return (field) => {
    const [stem, status = '', sent = ''] = [field('cs-uri-stem'), field('sc-status'), field('sc-bytes')]
    const bytes = bytesOf(sent)
    if (stem === undefined || bytes === undefined || !/^\d{3}$/.test(status)) return undefined
    return {
      site: siteOf(field('cs(Host)')),
      target: stem.startsWith('/') ? stem : '',
      status: Number(status),
      bytes,
      atMs: timeOf(field('date') ?? '', field('time') ?? ''),
      cache: CACHE.get(field('x-edge-result-type') ?? ''),
    }
  }
}

/** The distribution's own name, which is the same for all names that visitors know it by. */
const siteOf = (host: string | undefined): string => (host === undefined || host === '-' ? '' : host)
