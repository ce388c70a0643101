import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LadingError, printable } from '../../../src/index.ts'
import { packedAs } from '../../../src/report/packed.ts'
import { combined, reportOn, VISITOR } from './logs.ts'

const FIELDS = '#Fields: date time sc-bytes c-ip cs(Host) cs-uri-stem sc-status cs(User-Agent)\n'

/** A line of each format, with a part that somebody else chooses. */
const LINES: readonly ((part: string) => string)[] = [
  (part) => combined({ request: `GET /${part} HTTP/1.1` }).trimEnd(),
  (part) => `192.0.2.1 - ${part} [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 1 "${part}" "${part}"`,
  (part) => `2026-10-01\t00:00:01\t7\t192.0.2.1\t${part}\t/${part}\t200\t${part}`,
  (part) =>
    JSON.stringify({ 'cs(Host)': part, 'cs-uri-stem': `/${part}`, 'sc-status': '200', 'sc-bytes': '7', date: part }),
  (part) =>
    `owner ${part} [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - ID REST.GET.OBJECT ${part} "GET /${part}" 200 - 7 7 7 6 "${part}" "-" -`,
  (part) =>
    `https 2026-10-01T00:00:01Z elb 192.0.2.1:1 - 0 0 0 200 200 1 7 "GET https://${part}/${part} HTTP/1.1" "${part}" -`,
  (part) =>
    JSON.stringify({
      ...{ ClientRequestHost: part, ClientRequestURI: `/${part}`, EdgeResponseStatus: 200, EdgeResponseBytes: 7 },
      ...{ EdgeStartTimestamp: part, CacheCacheStatus: part },
    }),
  (part) => part,
]

/** What breaks things: controls, signs of markup, of shells and of formats, halves of escapes and of characters. */
const part = fc
  .array(
    fc.oneof(
      fc.constantFrom('\x1b[2J', '\x07', '\t', ' ', '"', '\\', '\\x', '\\x1b', '%', '%1b', '%2', '%E2%80%AE', '\u202e'),
      fc.constantFrom(
        '<script>',
        '&',
        '{',
        '[10/Oct/2026:13:55:36 +0000] "',
        '#Fields:',
        '__proto__',
        '9'.repeat(26),
        'constructor',
        '\r',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\n', ''))
const line = fc.tuple(fc.constantFrom(...LINES), part).map(([make, text]) => Buffer.from(make(text)))
const bytes = fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all.filter((byte) => byte !== 10)))

/** Every text in a value, names of fields too. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
}

describe('whatever stands in a log', () => {
  it('each line is counted once, everything adds up, and nothing that is told steers a terminal', async () => {
    const logs = fc.array(fc.oneof({ weight: 4, arbitrary: line }, bytes), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(logs, fc.constantFrom('', FIELDS), async (all, head) => {
        const text = Buffer.concat([Buffer.from(head), ...all.flatMap((one) => [one, Buffer.from('\n')])])
        fc.pre(packedAs(text) === undefined) // such a file is named, and none of its lines is read
        const files = { 'a.log': combined({}), 'b.log': text } // one can be read, so the report is made
        const { report, warnings } = await reportOn(files)
        const { requests, notes, unreadable } = report.lines
        // a file without any line of a format has its unreadable ones, too
        expect(requests + notes + unreadable).toBe(1 + all.length + (head === '' ? 0 : 1))
        expect(report.rows.reduce((sum, row) => sum + row.requests, 0)).toBe(report.requests)
        expect(report.rows.reduce((sum, row) => sum + row.bytes, 0)).toBe(report.bytes)
        expect(report.statuses.reduce((sum, row) => sum + row.requests, 0)).toBe(report.requests)
        for (const told of textsIn([report, warnings])) expect(printable(told)).toBe(told)
      }),
      { numRuns: 300 },
    )
  })

  it('a report ends with an answer or with one of the failures that are documented', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (all, isPacked) => {
        const log = isPacked ? Buffer.concat([Buffer.from([0x1f, 0x8b]), all]) : Buffer.from(all)
        const code = await reportOn({ 'a.log': log }).then(
          () => 'read',
          (error: unknown) => (error instanceof LadingError ? error.code : String(error)),
        )
        expect(['read', 'E_LOGS']).toContain(code)
      }),
      { numRuns: 100 },
    )
  })

  it('no address, user or agent of a visitor is in the answer or in what is told beside it', async () => {
    const log = `${combined({ path: '/a', times: 3 })}${VISITOR.address} ${VISITOR.agent} junk\n`
    const told = JSON.stringify(await reportOn({ 'a.log': log }))
    for (const secret of Object.values(VISITOR)) expect(told).not.toContain(secret)
  })

  it('a user who is called like a request makes none of his own', async () => {
    // what Apache writes for the user name `x [..] "GET /fake HTTP/1.1" 200 999999 "`
    const name = 'x [10/Oct/2026:13:55:36 +0000] \\"GET /fake HTTP/1.1\\" 200 999999 \\"'
    const log = `192.0.2.1 - ${name} [10/Oct/2026:13:55:36 +0000] "GET /real HTTP/1.1" 401 5 "-" "-"\n`
    const { report } = await reportOn({ 'a.log': log })
    expect(report.rows.map(({ what }) => what)).toEqual(['/real'])
  })

  it('a request that is full of quotation marks and times is one request', async () => {
    const long = `GET /${'\\"[10/Oct/2026'.repeat(4000)} HTTP/1.1`
    const { report } = await reportOn({ 'a.log': combined({ request: long, times: 50 }) })
    expect(report.requests).toBe(50)
  })
})
