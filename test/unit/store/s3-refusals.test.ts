import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { type Answering, rawServer } from './raw-server.ts'
import { failureOf, openAt, PLAIN, type Way } from './s3-setup.ts'

const PAGE = '<html><body>Sign in</body></html>'
const WAYS: readonly Way[] = ['fast', 'undici', 'sdk']

const answer = (status: number, body = '', fields = ''): string =>
  `HTTP/1.1 ${status} X\r\n${fields}content-length: ${body.length}\r\n\r\n${body}`
const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`

async function openTo(said: string, way: Way, requestTimeoutMs = 20_000): Promise<Store> {
  const { origin } = await rawServer((_, { socket }) => void socket.write(said))
  return openAt(origin.href, way, { requestTimeoutMs })
}

describe.each(WAYS)('a refusal, by %s', (way) => {
  it.each([
    ['408 of a load balancer whose connection was idle', answer(408, PAGE), 'E_STORE', true],
    ['408 without words', answer(408), 'E_STORE', true],
    ['507, a store without space', answer(507, error('XMinioStorageFull')), 'E_STORE', false],
    ['511, a network to sign in to', answer(511, PAGE), 'E_NOT_S3', false],
    ['301 to a page', answer(301, PAGE, 'location: https://portal.example/\r\n'), 'E_ENDPOINT', false],
    ['308 of a proxy that wants https', answer(308, PAGE, 'location: https://s3.example/\r\n'), 'E_ENDPOINT', false],
    ['302 to a page', answer(302, PAGE, 'location: https://portal.example/\r\n'), 'E_NOT_S3', false],
    ['301 to a region that it does not name', answer(301, error('PermanentRedirect')), 'E_ENDPOINT', false],
    ['404 with a page', answer(404, PAGE), 'E_NOT_S3', false],
    ['403 with a page', answer(403, PAGE), 'E_NOT_S3', false],
    ['403 without words', answer(403), 'E_ACCESS_DENIED', false],
    ['503 with a page', answer(503, PAGE), 'E_THROTTLED', true],
  ])('%s is told from others', async (_, said, code, retryable) => {
    const store = await openTo(said, way)
    expect(await failureOf(store.get('a'))).toMatchObject({ code, retryable })
    expect(await failureOf(store.put('a', bodyOf('x'), PLAIN))).toMatchObject({ code, retryable })
  })

  it('that announces a body without end ends in time', async () => {
    const store = await openTo('HTTP/1.1 403 X\r\ncontent-length: 900000000000000\r\n\r\n<html>', way, 300)
    expect(await failureOf(store.put('a', bodyOf('x'), PLAIN))).toMatchObject({ code: 'E_TIMEOUT', retryable: true })
  })

  it('307 of a young bucket leads to its region, and to no other host', async () => {
    const moved: Answering = ({ text }, { socket }) => {
      const fields = 'x-amz-bucket-region: eu-west-1\r\nlocation: http://elsewhere.example/\r\n'
      const isThere = text.includes('/eu-west-1/s3/')
      socket.write(isThere ? answer(404, error('NoSuchKey')) : answer(307, error('TemporaryRedirect'), fields))
    }
    const { origin, heard } = await rawServer(moved)
    const store = openAt(origin.href, way)
    expect(await failureOf(store.get('a'))).toMatchObject({ code: 'E_ENDPOINT', retryable: true })
    expect(await store.get('a')).toBeUndefined()
    expect(heard).toHaveLength(2)
  })
})
