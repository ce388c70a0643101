import { execFileSync } from 'node:child_process'
import dns from 'node:dns'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { s3Error } from '../../src/store/s3/errors.ts'
import type { LadingError } from '../../src/words/errors.ts'
import { bodyOf, patternOf } from '../contract/bodies.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { failureOf, openPatient, operations, PLAIN } from '../unit/store/s3-setup.ts'

const EVER = Number.POSITIVE_INFINITY

/** Node makes no certificates. */
const OPENSSL = 'openssl'

/** Table F again: credentials, regions, names, certificates, and answers that are meant to harm. */
let rig: StrictS3
let folder: string

beforeEach(async () => {
  rig = await startStrictS3({ bucket: 'site' })
  folder = mkdtempSync(join(tmpdir(), 'lading-answers-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
  await rig.close()
  expect(rig.violations).toEqual([])
})

/** All that a person may come to see of an error. */
const shown = (error: LadingError): string =>
  JSON.stringify([error.message, error.why, error.hint, error.details, error.subject])

describe('table F: who we are and where the bucket is', () => {
  /** Credentials in a file, as other programs renew them there. */
  function sign(keys: { readonly accessKeyId: string; readonly secretAccessKey: string }): void {
    const { accessKeyId, secretAccessKey } = keys
    const text = `[deploy]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`
    writeFileSync(join(folder, 'credentials'), text)
  }

  it('F09 ExpiredToken in the middle of a run: credentials are looked for anew, 2 attempts', async () => {
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    sign(rig.credentials('before'))
    const { store, reasons } = openPatient(rig, { env: {}, profile: 'deploy' })
    await store.put('a', bodyOf('1'), PLAIN)
    rig.fault({ at: { client: 'before' }, times: EVER, do: 'status:400:ExpiredToken' })
    sign(rig.credentials('after'))
    const keys = ['b', 'c', 'd']
    const results = await Promise.all(keys.map((key) => store.put(key, bodyOf('2'), PLAIN)))
    expect(results.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored'])
    expect(operations(rig)).toHaveLength(1 + 2 * keys.length)
    expect(reasons).toContainEqual(expect.stringContaining('credentials are looked for anew'))
    await store.put('e', bodyOf('3'), PLAIN)
    expect(operations(rig)).toHaveLength(1 + 2 * keys.length + 1)
  })

  it('F09 ExpiredToken where there are no other credentials: 2 attempts, exit 4', async () => {
    rig.fault({ at: () => true, times: EVER, do: 'status:400:ExpiredToken' })
    const { store } = openPatient(rig)
    const error = await failureOf(store.put('a', bodyOf('1'), PLAIN))
    expect(error).toMatchObject({ code: 'E_CREDENTIALS', exitCode: 4, hint: expect.stringContaining('Sign in again') })
    expect(operations(rig)).toHaveLength(2)
    expect(await failureOf(store.head('a'))).toMatchObject({ code: 'E_CREDENTIALS' })
    // a HEAD is answered without words, so that a GET asks for them
    expect(operations(rig).slice(2)).toEqual(['HeadObject', 'GetObject'])
  })

  it('F09 ExpiredToken at a HEAD, which says only 400: credentials are looked for anew', async () => {
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    sign(rig.credentials('before'))
    const { store } = openPatient(rig, { env: {}, profile: 'deploy' })
    await store.put('a', bodyOf('1'), PLAIN)
    rig.fault({ at: { client: 'before' }, times: EVER, do: 'status:400:ExpiredToken' })
    sign(rig.credentials('after'))
    expect(await store.head('a')).toMatchObject({ size: 1 })
  })

  /** As a bucket answers that lies in another region than the request was signed for. */
  const elsewhere = (region: string, status: 301 | 400, code: string): void =>
    rig.fault({
      at: ({ headers }) => !String(headers.authorization).includes(`/${region}/s3/`),
      times: EVER,
      do: () => ({
        status,
        headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': region },
        body: `<Error><Code>${code}</Code><Message>elsewhere</Message></Error>`,
      }),
      when: 'before',
    })

  it('F11, E12 301 PermanentRedirect: 2 attempts, the second in the region that is named; then 1 each', async () => {
    elsewhere('ap-southeast-4', 301, 'PermanentRedirect')
    const { store, reasons } = openPatient(rig)
    const results = await Promise.all(['a', 'b'].map((key) => store.put(key, bodyOf('1'), PLAIN)))
    expect(results.map(({ status }) => status)).toEqual(['stored', 'stored'])
    expect(operations(rig)).toHaveLength(4)
    expect(reasons[0]).toContain('?region=ap-southeast-4')
    expect(await store.head('a')).toMatchObject({ size: 1 })
    expect(operations(rig)).toHaveLength(5)
  })

  it('F11, E12 the same for a HEAD, and for a signature that names the region', async () => {
    elsewhere('eu-north-1', 301, 'PermanentRedirect')
    expect(await openPatient(rig).store.head('a')).toBeUndefined()
    rig.clearFaults()
    elsewhere('eu-north-1', 400, 'AuthorizationHeaderMalformed')
    expect(await openPatient(rig).store.get('a')).toBeUndefined()
    expect(operations(rig)).toHaveLength(4)
  })

  it('F11 a 301 that names no region, as of a proxy that wants https, speaks of the endpoint and of no region', async () => {
    rig.fault({
      at: () => true,
      times: EVER,
      do: () => ({
        status: 301,
        headers: { 'content-type': 'text/html', location: 'https://example.com/' },
        body: '<h1>Moved',
      }),
      when: 'before',
    })
    const error = await failureOf(openPatient(rig).store.get('a'))
    expect(error).toMatchObject({ code: 'E_ENDPOINT', message: 'the endpoint of the bucket "site" sends elsewhere' })
    expect(error.hint).toBe(
      'Check `endpoint`: https instead of http, its host, its port; or name the region with ?region=',
    )
  })

  it('F11, E12 a redirection that leads nowhere: 2 attempts, exit 2, with the region to set', async () => {
    rig.fault({
      at: () => true,
      times: EVER,
      do: () => ({ status: 301, headers: { 'x-amz-bucket-region': 'eu-north-1' } }),
      when: 'before',
    })
    const error = await failureOf(openPatient(rig).store.head('a'))
    expect(error).toMatchObject({
      code: 'E_ENDPOINT',
      exitCode: 2,
      hint: expect.stringContaining('?region=eu-north-1'),
    })
    expect(operations(rig)).toHaveLength(2)
  })

  it('F11 a region that is none is not followed: 1 attempt', async () => {
    rig.fault({
      at: () => true,
      do: () => ({ status: 301, headers: { 'x-amz-bucket-region': 'evil.example/' } }),
      when: 'before',
    })
    expect(await failureOf(openPatient(rig).store.head('a'))).toMatchObject({ code: 'E_ENDPOINT' })
    expect(operations(rig)).toHaveLength(1)
  })
})

describe('table F: the line', () => {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  async function listen<T extends Server>(server: T): Promise<number> {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address() as AddressInfo // it listens on a port
    return address.port
  }
  const answering = async (listener: RequestListener): Promise<string> =>
    `http://127.0.0.1:${await listen(createServer(listener))}`

  it('F24 403 before all of the body is sent: 1 attempt, exit 4', async () => {
    let requests = 0
    const endpoint = await answering((request, response) => {
      requests += 1
      response.writeHead(403, { 'content-type': 'application/xml' })
      response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>')
      request.resume()
    })
    const work = openPatient(rig, { endpoint }).store.put('a', bodyOf(patternOf(12 * 2 ** 20)), PLAIN)
    expect(await failureOf(work)).toMatchObject({ code: 'E_ACCESS_DENIED', exitCode: 4 })
    expect(requests).toBe(1)
  })

  it('F25 a certificate that nobody knows: 1 attempt, exit 5, with the variable to set', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost']
    execFileSync(OPENSSL, ['req', '-x509', ...how, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    let connections = 0
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) })
    server.on('connection', () => {
      connections += 1
    })
    const host = `127.0.0.1:${await listen(server)}`
    const { store } = openPatient(rig, { endpoint: `https://${host}` })
    expect(await failureOf(store.head('a'))).toMatchObject({
      code: 'E_UNREACHABLE',
      exitCode: 5,
      why: expect.stringMatching(new RegExp(`^${host}: .*CERT`)),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect(connections).toBe(1)
  })

  it.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'SELF_SIGNED_CERT_IN_CHAIN'])(
    'F25 %s: not tried again, exit 5, with the variable to set',
    (code) => {
      const failure = Object.assign(new Error('certificate'), { code })
      expect(s3Error(failure, { action: 's3:GetObject', bucket: 'site', key: 'a' })).toMatchObject({
        code: 'E_UNREACHABLE',
        retryable: false,
        why: code,
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      })
    },
  )

  /** No name is found; counts the questions. */
  function loseNames(): () => number {
    // Typed by its longest form, which is the one that connections use.
    const lookup = vi.spyOn(dns, 'lookup') as unknown as {
      mockImplementation(fake: typeof notFound): { mock: { calls: unknown[] } }
    }
    const { mock } = lookup.mockImplementation(notFound)
    return () => mock.calls.length
  }
  function notFound(hostname: string, _options: unknown, done: (error: Error) => void): void {
    done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND', hostname }))
  }

  it('F26 ENOTFOUND: 2 attempts, exit 5, check endpoint', async () => {
    const questions = loseNames()
    const { store } = openPatient(rig, { endpoint: 'https://store.example.com', region: 'auto' })
    const error = await failureOf(store.head('a'))
    expect(error).toMatchObject({ code: 'E_UNREACHABLE', exitCode: 5, hint: expect.stringContaining('`endpoint`') })
    expect(error.hint).not.toContain('Was ')
    expect(questions()).toBe(2)
  })

  it('F26 ENOTFOUND of a name that is nearly one: the domain that was probably meant is offered', async () => {
    loseNames()
    const { store } = openPatient(rig, { endpoint: 'https://abc.r2.cloudflarestorage.co' })
    const error = await failureOf(store.head('a'))
    expect(error.why).toBe('the connection to abc.r2.cloudflarestorage.co ended with ENOTFOUND')
    expect(error.hint).toContain('Was "r2.cloudflarestorage.com" meant, instead of "abc.r2.cloudflarestorage.co"?')
  })

  it('F26 several on their way together: each gets its second attempt', async () => {
    const questions = loseNames()
    const { store } = openPatient(rig, { endpoint: 'https://store.example.com' })
    await Promise.allSettled(['a', 'b', 'c'].map((key) => store.head(key)))
    expect(questions()).toBe(6)
  })

  it.each([400, 503])(
    'F30 an error of 50 MB (%d): a beginning is read, at most 200 characters are shown',
    async (status) => {
      const [size, requests] = [50 * 2 ** 20, { count: 0, sent: 0 }]
      const endpoint = await answering((_request, response) => {
        requests.count += 1
        response.writeHead(status, { 'content-type': 'application/xml' })
        response.write('<Error><Code>Big</Code><Message>')
        const piece = 'x'.repeat(2 ** 16)
        const more = (): void => {
          while (!response.destroyed && requests.sent < size) {
            requests.sent += piece.length
            if (!response.write(piece)) return void response.once('drain', more)
          }
          response.end()
        }
        more()
      })
      const error = await failureOf(openPatient(rig, { endpoint }).store.get('a'))
      expect(error.code).toBe(status === 503 ? 'E_THROTTLED' : 'E_STORE')
      expect(requests.count).toBe(status === 503 ? 5 : 1)
      expect(requests.sent).toBeLessThan(requests.count * 10 * 2 ** 20)
      expect(error.why?.length).toBeLessThan(250)
    },
  )

  it('F30 an answer without end: exit 5', async () => {
    const endpoint = await answering((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' })
      const piece = `<Contents>${'x'.repeat(2 ** 20)}</Contents>`
      const more = (): void => {
        while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more)
      }
      more()
    })
    const listing = async (): Promise<void> => {
      for await (const _ of openPatient(rig, { endpoint }).store.list(''));
    }
    expect(await failureOf(listing())).toMatchObject({ code: 'E_NOT_S3', exitCode: 5 })
  })

  const bomb = (root: string, inner: string): string => {
    const levels = Array.from({ length: 12 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`)
    return `<?xml version="1.0"?><!DOCTYPE z [<!ENTITY l0 "lol"><!ENTITY file SYSTEM "file://${join(folder, 'canary')}">${levels.join('')}]><${root}>${inner}</${root}>`
  }

  it('F30 an XML bomb and an entity of a file, in an error and in a listing: nothing is expanded', async () => {
    const { store } = openPatient(rig)
    writeFileSync(join(folder, 'canary'), 'content of a file')
    for (const entity of ['&l12;', '&file;']) {
      const body = bomb('Error', `<Code>Bomb</Code><Message>${entity}</Message>`)
      rig.fault({ at: () => true, do: () => ({ status: 400, body }), when: 'before' })
      const error = await failureOf(store.get('a'))
      expect(error.why?.length).toBeLessThan(250)
      expect(shown(error)).not.toContain('content of a file')
      const listing = bomb(
        'ListBucketResult',
        `<Name>site</Name><Contents><Key>${entity}</Key><Size>1</Size></Contents>`,
      )
      rig.fault({ at: () => true, do: () => ({ status: 200, body: listing }), when: 'before' })
      const listed = async (): Promise<void> => {
        for await (const _ of store.list(''));
      }
      expect(shown(await failureOf(listed())).length).toBeLessThan(1000)
    }
  })

  it('F31 terminal escapes in an error: shown, not obeyed', async () => {
    const message = '\u001b]0;owned\u0007 \u001b[31mred \u202e \u009b2J'
    const body = `<Error><Code>Odd\u001b[1m</Code><Message>${message}</Message></Error>`
    const { store } = openPatient(rig)
    for (const status of [400, 403, 404, 501, 503]) {
      rig.fault({ at: () => true, times: 5, do: () => ({ status, body }), when: 'before' })
      const error = await failureOf(store.get('a'))
      rig.clearFaults()
      for (const text of [error.message, error.why ?? '', error.hint ?? '']) expect(text).not.toMatch(/[\p{Cc}\u202e]/u)
    }
    rig.fault({ at: () => true, do: () => ({ status: 400, body }), when: 'before' })
    expect((await failureOf(store.get('a'))).why).toContain('\\x1b')
  })
})
