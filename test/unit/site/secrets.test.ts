import { describe, expect, it } from 'vitest'
import { mayStart, nextAnchor } from '../../../src/site/secrets/anchors.ts'
import { createBytesScan } from '../../../src/site/secrets/bytes-scan.ts'
import { deployCredentials } from '../../../src/site/secrets/deploy-credentials.ts'
import { credentialMask, maskText } from '../../../src/site/secrets/mask-text.ts'
import { mask } from '../../../src/site/secrets/rule.ts'
import { createTextScan, type TextScan } from '../../../src/site/secrets/text-scan.ts'
import { AWS_ID, AWS_SECRET, HARMLESS, PUBLIC, randomText, SEEDED } from '../../rig/secrets.ts'

const PIECE = 1 << 20
const NONE = deployCredentials({})

function scanned(bytes: Uint8Array, piece = PIECE): ReturnType<TextScan['findings']> {
  const text = createTextScan({ kind: 'code', credentials: NONE })
  for (let at = 0; at < bytes.length; at += piece) text.feed(bytes.subarray(at, at + piece), at + piece >= bytes.length)
  return text.findings()
}

/** Time on the processor, because other work may share the machine, in milliseconds. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

describe('a scan', () => {
  it('finds every seed wherever the pieces of a file end', () => {
    for (const [rule, secret, text] of SEEDED) {
      const bytes = Buffer.from(`${'x y '.repeat(5000)}\n${text(secret)}\n${'z '.repeat(9000)}`)
      for (const piece of [700, 4096, 20_011, bytes.length]) {
        expect(scanned(bytes, piece).filter((found) => found.rule === rule)[0]).toMatchObject({
          line: expect.any(Number),
        })
        expect(scanned(bytes, piece)).toEqual(scanned(bytes, bytes.length))
      }
    }
  })

  it('finds every seed at every offset from the beginning and the end of a file', () => {
    for (const [rule, secret, text] of SEEDED) {
      for (const before of ['', ' ', '\n ', ';\n ', '\n;\n ']) {
        for (const after of ['', ' ', ' ;', ' ;\n', ' ;\n;']) {
          const found = scanned(Buffer.from(before + text(secret) + after)).map((finding) => finding.rule)
          expect(found, `${JSON.stringify(before)} ${JSON.stringify(after)}`).toContain(rule)
        }
      }
    }
  })

  it('finds the next place of an anchor as looking at every place does', () => {
    const random = randomText('places', 200_000)
    const anchors = [...random.slice(0, 2000)].map((_, at) => ['ghp', 'AKI', 'eyJ', '://', 'AC0'][at % 5])
    const text = Buffer.from(anchors.map((anchor, at) => random.slice(at * 90, at * 90 + (at % 90)) + anchor).join(''))
    const bytes = new DataView(text.buffer, text.byteOffset, text.byteLength)
    const places: number[] = []
    for (
      let at = nextAnchor(bytes, 0, text.length);
      at < text.length - 2;
      at = nextAnchor(bytes, at + 1, text.length)
    ) {
      places.push(at)
    }
    const every = [...text.keys()].filter((at) => at < text.length - 2 && mayStart(text.readUIntBE(at, 3)))
    const last = text.length - 4 // behind it every place counts
    expect(places.filter((at) => at <= last)).toEqual(every.filter((at) => at <= last))
    expect(every.length).toBeGreaterThan(1500)
  })

  it('counts lines and characters across pieces', () => {
    const token = `ghp_${randomText('t', 36)}`
    const bytes = Buffer.from(`${'é\n'.repeat(10_000)}${'é'.repeat(10_000)} ${token}`)
    for (const piece of [999, 8192, bytes.length]) {
      expect(scanned(bytes, piece)).toEqual([
        { rule: 'GitHub token', line: 10_001, column: 10_002, sample: `ghp_…${token.slice(-4)}` },
      ])
    }
  })

  it('looks for no other secret within one', () => {
    const bytes = Buffer.from(`mysql://app:ghp_${randomText('t', 36)}@db.internal/shop ghp_${randomText('u', 36)}`)
    for (const piece of [60, bytes.length])
      expect(scanned(bytes, piece).map(({ rule }) => rule)).toEqual(['database password', 'GitHub token'])
  })

  it('keeps no more than twenty findings of a rule', () => {
    expect(scanned(Buffer.from(`ghp_${randomText('t', 36)}\n`.repeat(500)))).toHaveLength(20)
  })

  it('takes well under a second for 20 MB of minified script', () => {
    const line =
      'function(e,t){return n.secret="https://a.b/c"+e.path.map(r=>r._auth||t["key-"+r]),AC0===t?eyJ:{PATH:1}}'
    const bytes = Buffer.from(line.repeat(Math.ceil(20e6 / line.length)))
    expect(cpuMs(() => expect(scanned(bytes)).toEqual([]))).toBeLessThan(2000)
  })

  it.each([
    ...[
      'a',
      '/',
      '-',
      '\\n',
      'A1',
      'AKIA',
      'eyJh',
      'eyJhbGciOiJIUzI1.',
      '://',
      '://a:bbbbbbb',
      'sk-',
      'xoxb-',
      '/home/',
    ],
    ...[
      '-----BEGIN PRIVATE KEY-----\n',
      'Version: ',
      '"/home/a/',
      'aws_secret=',
      'PATH:"/bin"',
      'AC0123456789abcdef',
      '-us1',
    ],
    ...['PuTTY-User-Key-File-2: ssh-rsa\n', 'secretAccessKey=', 'ya29.a'],
    ...[':AA', '.atlasv1.', 'BASE_URL:', 'gURL=data:', '_authToken=', ':\\Users\\a\\'],
  ])('takes time in proportion on a line of nothing but %j', (unit) => {
    const bytes = Buffer.from(unit.repeat(Math.ceil(1_000_000 / unit.length)))
    expect(cpuMs(() => scanned(bytes))).toBeLessThan(2000)
  })
})

describe('what is printed of a secret', () => {
  it.each([
    ['0123456789abcdef', '0123…cdef'],
    ['0123456789abcde', ''],
    ['', ''],
  ])('%j: %j', (secret, sample) => expect(mask(secret)).toBe(sample))
})

describe('deploy credentials', () => {
  it('are found in what is no text, wherever the pieces of a file end, each once and at its byte', () => {
    const credentials = deployCredentials({ AWS_ACCESS_KEY_ID: AWS_ID, AWS_SECRET_ACCESS_KEY: AWS_SECRET })
    const noise = Buffer.alloc(700, '\0\n\xff')
    const bytes = Buffer.concat([noise, Buffer.from(AWS_SECRET), noise, Buffer.from(AWS_ID), Buffer.from(AWS_SECRET)])
    for (const piece of [1, 7, 39, 40, 699, 720, 1450, bytes.length]) {
      const scan = createBytesScan(credentials)
      for (let at = 0; at < bytes.length; at += piece)
        scan.feed(bytes.subarray(at, at + piece), at + piece >= bytes.length)
      expect(scan.findings().map(({ column, sample }) => [column, sample])).toEqual([
        [701, 'AWS_SECRET_ACCESS_KEY'],
        [1401 + AWS_SECRET.length, 'AWS_ACCESS_KEY_ID'],
      ])
    }
  })

  it('too short to be told from a word are not looked for', () => {
    expect(deployCredentials({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'testtesttest' })).toMatchObject({
      needles: [],
      fingerprint: '',
    })
  })

  it('leave a fingerprint that does not hold them', () => {
    const secret = randomText('s', 40)
    const { fingerprint } = deployCredentials({ AWS_SECRET_ACCESS_KEY: secret })
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(fingerprint).not.toBe(deployCredentials({ AWS_SECRET_ACCESS_KEY: `${secret}x` }).fingerprint)
  })
})

describe('a text that others wrote', () => {
  it.each(SEEDED)('keeps nothing of a %s', (_rule, secret, text) => {
    if (secret === AWS_ID) return expect(maskText(text(secret))).not.toContain(AWS_ID)
    const masked = maskText(`failed: ${text(secret)}, then "${text(secret)}"`)
    expect(masked).not.toContain(secret)
    expect(masked).toContain('***')
  })

  it.each(PUBLIC)('keeps nothing of a %s', (_rule, secret) => {
    expect(maskText(`map.js?key=${secret}&x=1`)).toBe('map.js?key=***&x=1')
  })

  it.each(HARMLESS)('is left as it is: %s', (text) => expect(maskText(text)).toBe(text))

  it('keeps nothing of the credentials of this run, and stays JSON', () => {
    const without = credentialMask({ AWS_ACCESS_KEY_ID: AWS_ID, AWS_SECRET_ACCESS_KEY: AWS_SECRET })
    const record = { a: `${AWS_ID} ${AWS_SECRET}`, b: encodeURIComponent(AWS_SECRET), c: btoa(AWS_SECRET).slice(0, -1) }
    expect(JSON.parse(without(JSON.stringify(record).replaceAll('/', '\\/')))).toEqual({
      a: '*** ***',
      b: '***',
      c: expect.stringMatching(/^\*\*\*.?$/),
    })
  })
})
