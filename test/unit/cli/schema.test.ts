import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createJsonReporter, jsonData, jsonEnd, jsonRecord, jsonSummary } from '../../../src/cli/reporters/json.ts'
import type {
  BatchResult,
  BatchStatus,
  Bundle,
  ChannelInfo,
  ConfigRow,
  CspFinding,
  DeadLetter,
  Diagnosis,
  DriftEvent,
  EdgeDocument,
  Estimate,
  Explanation,
  FaviconResult,
  FindingEvent,
  ImageEvent,
  ImagesResult,
  InstanceRecord,
  LiveVerification,
  PricedRow,
  ProviderBills,
  ReleaseInfo,
  Remark,
  Removal,
  SimulationReport,
  SiteEstimate,
  Submitted,
  Tariff,
  TrafficReport,
  Unlocked,
} from '../../../src/index.ts'
import { ERROR, EVENTS, WATCHED } from './events.ts'
import { createScreen } from './screen.ts'

interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const root = JSON.parse(readFileSync(new URL('../../../schema/events.json', import.meta.url), 'utf8')) as Schema // our file

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
}

/** The parts of JSON Schema that ours uses, and one rule more: a field that it does not name is a problem. */
function problems(value: unknown, schema: Schema, path = ''): string[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return target === undefined ? [`${path}: ${schema.$ref} is not defined`] : problems(value, target, path)
  }
  if ('const' in schema && value !== schema.const) return [`${path}: not ${String(schema.const)}`]
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: ${String(value)} is not listed`]
  if (schema.type !== undefined && !TYPES[schema.type]?.(value)) return [`${path}: not of type ${schema.type}`]
  if (Array.isArray(value))
    return value.flatMap((item, index) => problems(item, schema.items ?? {}, `${path}[${index}]`))
  return schema.properties === undefined ? [] : objectProblems(value, schema, path)
}

function objectProblems(value: unknown, { properties = {}, required = [] }: Schema, path: string): string[] {
  const entries = Object.entries(value ?? {})
  const missing = required.filter((name) => !entries.some(([key]) => key === name))
  return [
    ...missing.map((name) => `${path}.${name}: missing`),
    ...entries.flatMap(([key, inner]) => {
      const schema = Object.hasOwn(properties, key) ? properties[key] : undefined
      return schema === undefined ? [`${path}.${key}: not in the schema`] : problems(inner, schema, `${path}.${key}`)
    }),
  ]
}

/** What is wrong with one line of output. */
function check(line: string): string[] {
  const record: unknown = JSON.parse(line)
  const type = typeof record === 'object' && record !== null && 'type' in record ? record.type : undefined
  const schema = root.oneOf?.find((candidate) => candidate.properties?.type?.const === type)
  return schema === undefined ? [`no schema for ${String(type)}`] : problems(record, schema)
}

const EXPLANATION: Explanation = {
  path: 'logo.png',
  class: 'asset',
  key: 'a/logo.x.png',
  reason: 'new',
  sha256: 'ab',
  size: 1,
  headers: [{ name: 'content-type', value: 'image/png', rule: 'type' }],
  stored: { size: 1, etag: 'e', same: true },
  references: [{ line: 1, place: 'img[src]', url: 'x', result: 'y' }],
  referencedBy: ['index.html'],
}

const RELEASE: ReleaseInfo = {
  id: 'r-1',
  seq: 1,
  channel: 'production',
  live: true,
  published: true,
  createdAt: '2026-11-21T18:04:00.000Z',
  previous: 'r-0',
  restores: 'r-0',
  mode: 'offload',
  url: 'https://cdn.example.com/',
  files: 1,
  pages: 1,
}

const DRIFT: DriftEvent = { type: 'drift', kind: 'headers', key: 'index.html', detail: 'cache-control: a -> b' }

const IMAGES: readonly ImageEvent[] = [
  { type: 'image', path: 'a.jpg', result: 'rendered', bytes: 1000, variants: 6 },
  {
    type: 'image',
    path: 'b.png',
    result: 'failed',
    bytes: 10,
    variants: 0,
    code: 'E_IMAGE_FORMAT',
    message: 'no image',
  },
]
const FINDING: FindingEvent = {
  type: 'finding',
  kind: 'status',
  page: 'https://www.example.com/',
  line: 12,
  place: 'img[src]',
  url: 'https://cdn.example.com/a/logo.png',
  message: 'answers 404',
  why: 'w',
  fix: 'f',
  references: 2,
}

const LIVE: LiveVerification = {
  ok: false,
  exit: 10,
  url: 'https://www.example.com/',
  visited: 1,
  followed: 2,
  elsewhere: 3,
  unread: 0,
  findings: 1,
  ms: 5,
}

const CHANNEL: ChannelInfo = {
  name: 'production',
  release: 'r-1',
  mode: 'host',
  url: 'https://cdn.example.com/',
  order: 'github:Deploy #41',
  endedAt: '2026-11-21T18:04:00.000Z',
}
const ENDED = { channel: 'preview', release: 'r-1', dryRun: true, unnamed: ['a/x.png'] }
const UNLOCKED: Unlocked = { deploy: 'd5', description: 'd5  channel production' }
const DIAGNOSIS: Diagnosis = {
  place: 'store',
  label: 's3://site-assets/',
  isMissing: false,
  facts: {
    conditionalWrites: 'full',
    conditionalCopy: true,
    conditionalRemove: true,
    checksum: 'sha256',
    etagIsMd5: true,
    reheader: true,
    forgets: ['content-language'],
  },
  isNews: true,
}
const DOCUMENT: EdgeDocument = {
  file: 'edge.js',
  text: 'function handler(event) {}',
  commands: ['aws cloudfront'],
  notes: ['attach it'],
  leftOut: ['/a/* /b/:splat 301'],
}
const CSP: CspFinding = {
  page: 'index.html',
  from: '<meta>',
  directive: 'img-src',
  source: 'https://cdn.example.com',
  was: "img-src 'self'",
  write: "img-src 'self' https://cdn.example.com",
  needsNonce: false,
}
const VISITED: Diagnosis = {
  place: 'url',
  label: 'https://cdn.example.com/',
  isMissing: false,
  facts: undefined,
  public: {
    served: 'yes',
    why: 'it answered 403',
    cors: 'poisonable',
    declaredCors: true,
    compresses: true,
    keepsCacheControl: true,
    nosniff: true,
    statePublic: true,
  },
  isNews: true,
}
const RESULT: BatchResult = {
  v: 1,
  batch: 'photos-1',
  recipe: 'r1-0123456789ab',
  items: 4,
  done: 2,
  failed: 1,
  missing: 1,
  partial: true,
  closedAt: '2026-11-21T18:04:00.000Z',
}
const ESTIMATE: Estimate = {
  images: 4,
  variants: 24,
  coreSeconds: 3.5,
  dollars: { compute: 1e-5, puts: 1e-4, gets: 1e-5, queue: 1e-6, addresses: 1e-6, total: 1.2e-4 },
  onDemandTotal: 1.5e-4,
  times: [{ instances: 1, seconds: 46.5 }],
  whatIf: [{ change: 'without WebP', coreShare: 0.7, dollarShare: 0.6 }],
}
const SIMULATION: SimulationReport = {
  seed: 1,
  images: 4,
  variants: 24,
  coreSeconds: 3.5,
  done: 2,
  expired: 1,
  left: 1,
  doneSeconds: 47.5,
  endSeconds: 180,
  lanes: [{ lane: 'std', images: 2, wait: { p50: 45, p95: 46.5, most: 46.5 }, doneSeconds: 47.5 }],
  instances: { most: 1, allowed: 10, started: 2, taken: 1, alarmed: 0, hours: 0.05 },
  held: { fromSeconds: 60, toSeconds: 90, paid: 0, spentSeconds: 90 },
  timeline: [{ seconds: 0, instances: 1, oldestSeconds: 46.5, waiting: 4 }],
  dollars: { instances: 1e-3, addresses: 1e-6, puts: 1e-4, gets: 1e-5, queue: 1e-6, total: 1.1e-3 },
  worst: { dollars: 2.56, maxInstances: 10, lifetimeHours: 4, instanceHour: 0.064 },
}
const SUBMITTED: Submitted = {
  batch: 'photos-1',
  items: 4,
  sent: 3,
  originals: { put: 2, bytes: 100 },
  refused: [{ path: 'huge.png', reason: '60 MB' }],
  estimate: ESTIMATE,
  deadline: '2026-11-21T18:04:00.000Z',
  instances: 1,
  stalled: 'the budget is spent',
  isCancelled: true,
  result: RESULT,
}
const STATUS: BatchStatus = {
  batch: 'photos-1',
  recipe: 'r1-0123456789ab',
  lane: 'std',
  items: 4,
  done: 2,
  failed: 1,
  deadline: '2026-11-21T18:04:00.000Z',
  isSent: true,
  isCancelled: false,
  failures: [{ item: '0000-0001', path: 'a.jpg', code: 'E_IMAGE_CORRUPT', message: 'it is damaged' }],
  left: { least: 1.5, most: 4 },
  result: RESULT,
}
const LETTER: DeadLetter = {
  id: 'm1',
  reason: 'it is not signed',
  kind: 'image',
  batch: 'photos-1',
  item: '0000-0001',
  lane: 'std',
  receives: 9,
  sentAt: '2026-11-21T18:04:00.000Z',
}
const INSTANCE: InstanceRecord = {
  instance: 'i-1',
  state: 'working',
  reason: 'started',
  running: 2,
  waiting: 10,
  at: '2026-11-21T18:04:00.000Z',
}
const ROW: PricedRow = {
  kind: 'others',
  what: '(others)',
  requests: 1,
  bytes: 2,
  files: 3,
  file: { path: 'a.png', bytes: 1, moves: true },
  share: 0.5,
  dollars: { cloudfront: 0.1 },
}
const REMARK: Remark = { kind: 'icon', what: '/favicon.ico', message: 'is 5.0 % of all bytes', fix: 'f' }
const TARIFF: Tariff = {
  ...{ id: 'x', name: 'X', where: 'w', source: 'https://example.com/', date: '2026-11', gigabyte: 1e9 },
  transfer: { freeGigabytes: 0, tiers: [{ dollars: 0.1 }] },
  requests: { free: 0, dollarsPerMillion: 1 },
}
const {
  rows: _,
  remarks: __,
  costs: ___,
  ...TRAFFIC
}: TrafficReport = {
  ok: true,
  exit: 0,
  files: 1,
  lines: { requests: 1, notes: 2, unreadable: 3 },
  period: { first: '2026-10-01T00:00:00.000Z', last: '2026-10-31T23:59:59.000Z' },
  requests: 1,
  bytes: 2,
  statuses: [{ status: '2xx', requests: 1, bytes: 2 }],
  kinds: [{ kind: 'icon', requests: 1, bytes: 2 }],
  rows: [ROW],
  remarks: [REMARK],
  costs: [],
  site: {
    files: 3,
    found: { files: 2, requests: 1, bytes: 2 },
    moves: { files: 1, requests: 1, bytes: 2 },
    dollars: { s3: 0.1 },
    smaller: { files: 1, bytes: 2 },
  },
  html: '/project/report.html',
  ms: 5,
}
const BILL = { lines: [{ part: 'storage', quantity: 1.5, list: 0.1, due: 0 } as const], list: 0.1, due: 0 }
const BILLS: ProviderBills = { tariff: TARIFF, isOwn: false, first: BILL, later: BILL, leastDue: 0 }
const SITE_ESTIMATE: Omit<SiteEstimate, 'ok' | 'exit' | 'bills' | 'ms'> = {
  mode: 'mirror',
  files: 1,
  bytes: 2,
  pages: 1,
  stored: { objects: 1, bytes: 2, writes: 1, replaceable: 1, paths: 2 },
  view: { low: 1, high: 2 },
  firstView: {
    page: 'index.html',
    bytes: { low: 1, high: 2 },
    files: { low: 1, high: 1 },
    heaviest: [{ path: 'a.png', bytes: 1, isSure: true }],
    plainTextBytes: 2,
  },
  requests: { low: 1, high: 2 },
  transfer: { low: 1, high: 2 },
  icon: { files: [{ path: 'favicon.ico', bytes: 1 }], requests: 1, bytes: 1, dollars: { s3: 0.1 } },
  upload: { bytes: 1, requests: 1, seconds: 0.5 },
  assumed: {
    visits: { visits: 1, views: 1, returning: 0.3, changed: 0.2 },
    logs: { requests: 1, bytes: 1, matched: { requests: 1, bytes: 1 }, days: 1.5, factor: 20 },
    ...{ deploys: 4, changed: 0.1, keepReleases: 5, keepDays: 14, uplinkBitsPerSecond: 1e8, requestsAtOnce: 64 },
  },
}
const FAVICON: FaviconResult = {
  out: '/site/public',
  files: [{ name: 'favicon.ico', bytes: 481, result: 'new' }],
  bytes: 481,
  tags: ['<link rel="icon" href="/favicon.ico" sizes="32x32">'],
  background: '#ffffff',
  notes: ['n'],
}
const ANSWERS = [
  ['explanation', EXPLANATION],
  ['release', RELEASE],
  ['option', { key: 'to', value: ['x'], source: { kind: 'flag', name: '--to' } } satisfies ConfigRow],
  ['option', { key: 'to', documentation: { type: 'string', text: 't', default: 'd', env: 'LADING_TO' } }],
  ['serve', { url: 'http://127.0.0.1:1/', port: 1 }],
  ['dashboard', { url: 'http://127.0.0.1:1/#0', port: 1, isReadOnly: false }],
  ['channel', CHANNEL],
  ['channel-end', ENDED],
  ['unlock', UNLOCKED],
  ['diagnosis', DIAGNOSIS],
  ['policy', { what: 'edge', ...DOCUMENT }],
  ['policy', { what: 'iam', ...DOCUMENT }],
  ['policy', { what: 'site', ...DOCUMENT }],
  ['init', { file: 'lading.config.json', config: { root: 'dist' }, notes: ['n'], next: ['lading plan'] }],
  ['bundle', { path: '/x/a.tar.gz', sha256: 'a', bytes: 1, files: 1, arch: 'arm64' } satisfies Bundle],
  ['csp', CSP],
  ['favicon', FAVICON],
  ['diagnosis', VISITED],
  ['batch', SUBMITTED],
  ['batch-status', STATUS],
  ['batch-result', RESULT],
  ['dead-letter', LETTER],
  ['redrive', { sent: 2, left: 1 }],
  [
    'worker',
    { event: 'ended', batch: 'b', item: '0000-0000', result: 'failed', reason: 'torn', key: 'o/1', path: 'a.jpg' },
  ],
  ['worker', { event: 'trouble', what: 'work', code: 'E_STORE', message: 'it failed', why: 'ENOSPC', waitMs: 9 }],
  ['instance', INSTANCE],
  ['repro', { item: '0000-0001', path: 'a.jpg', original: 'repro/o-ab-x.jpg', receipt: { v: 1 } }],
  ['command', { verb: 'drain', told: ['i-1'] }],
  ['estimate', { recipe: 'web', ...ESTIMATE }],
  ['simulation', SIMULATION],
  ['traffic', ROW],
  ['remark', REMARK],
  ['site-estimate', SITE_ESTIMATE],
  ['bills', BILLS],
  ['cost', { tariff: TARIFF, transfer: 0.1, requests: 0.1, list: 0.2, due: 0 }],
] as const

const RENDERED: ImagesResult = {
  ok: false,
  exit: 6,
  recipe: 'r1-0123456789ab',
  images: 2,
  rendered: 1,
  failed: 1,
  variants: 6,
  put: 6,
  putBytes: 900,
  visit: { before: 1000, after: 300 },
  dropped: { 'saves-little': 1 },
  failures: [{ path: 'b.png', code: 'E_IMAGE_FORMAT', message: 'no image' }],
  left: ['logo.svg'],
  ms: 12,
}

describe('schema/events.json', () => {
  it('describes the end of a run of images', () => {
    expect(check(jsonSummary(RENDERED))).toEqual([])
  })

  it.each([...EVENTS, ...WATCHED, DRIFT, FINDING, ...IMAGES, ERROR].map((event) => [event.type, event] as const))(
    'describes the record %s',
    (_, event) => {
      expect(check(jsonRecord(event))).toEqual([])
    },
  )

  it.each(ANSWERS)('describes the answer %s', (type, answer) => {
    expect(check(jsonData(type, answer))).toEqual([])
  })

  it('describes the end of an answer', () => {
    expect(check(jsonEnd)).toEqual([])
  })

  it('describes the end of a watch', () => {
    expect(check(jsonSummary({ ok: false, exit: 130, runs: 3, failed: 1 }))).toEqual([])
  })

  it('describes the end of a prune where nothing was published', () => {
    const counts = { removed: 0, bytes: 0, kept: 0, state: 0 }
    const removal: Removal = { ok: true, exit: 0, dryRun: false, ...counts, unpublished: true, ms: 1 }
    expect(check(jsonSummary(removal))).toEqual([])
  })

  it('describes the end of a look at a live site', () => {
    expect(check(jsonSummary(LIVE))).toEqual([])
  })

  it('describes the end of a report on logs', () => {
    expect(check(jsonSummary(TRAFFIC))).toEqual([])
  })

  it('has a sample here for every type that it lists', () => {
    const listed = root.oneOf?.map((schema) => schema.properties?.type?.const)
    const sampled = new Set<unknown>(
      [...EVENTS, ...WATCHED, DRIFT, FINDING, ...IMAGES, ERROR].map((event) => event.type),
    )
    for (const [type] of ANSWERS) sampled.add(type)
    expect(new Set(listed)).toEqual(sampled)
  })

  it('would be contradicted by another field, type or value', () => {
    expect(check('{"v":1,"type":"serve","url":1,"port":1.5,"host":"x"}')).toEqual([
      '.url: not of type string',
      '.port: not of type integer',
      '.host: not in the schema',
    ])
    expect(check('{"v":2,"type":"phase","phase":"nap","files":0,"bytes":0}')).toEqual([
      '.ms: missing',
      '.v: not 1',
      '.phase: nap is not listed',
    ])
  })
})

describe('the JSON reporter', () => {
  it('writes one line per event and nothing else', () => {
    const screen = createScreen()
    const reporter = createJsonReporter(screen)
    for (const event of EVENTS) reporter.event(event)
    reporter.close()
    expect(screen.writes).toHaveLength(EVENTS.length)
    const records = screen.text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(records).toEqual(EVENTS.map((event) => ({ v: 1, ...event })))
  })
})
