import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface MetadataService {
  readonly endpoint: string
  /** Every request: its method and path. */
  readonly requests: readonly string[]
  /** Text at a path below `meta-data/`; `undefined` takes it away. */
  set(path: string, text: string | undefined): void
  /** No token that was given out is good any more. */
  forgetTokens(): void
  /** Whether it answers tokens at all. */
  refuseTokens(isRefusing: boolean): void
  close(): Promise<void>
}

/**
 * The metadata service of an EC2 instance, in its second version alone: a request without a token is refused.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export async function startMetadataService(): Promise<MetadataService> {
  const texts = new Map<string, string>([['instance-id', 'i-0123456789abcdef0']])
  const tokens = new Set<string>()
  const requests: string[] = []
  let isRefusing = false
  const server = createServer(({ method, url = '', headers }, response) => {
    requests.push(`${method} ${url}`)
    const answer = (status: number, text = ''): void => void response.writeHead(status).end(text)
    if (url === '/latest/api/token') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'])
      if (isRefusing || method !== 'PUT' || !(seconds >= 1 && seconds <= 21_600)) return answer(400)
      const token = `token-${tokens.size + 1}`
      tokens.add(token)
      return answer(200, token)
    }
    if (!tokens.has(String(headers['x-aws-ec2-metadata-token']))) return answer(401)
    const text = texts.get(url.replace('/latest/meta-data/', ''))
    return text === undefined ? answer(404) : answer(200, text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // A server that listens on a host and port answers with an object; text is for pipes.
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    set: (path, text) => void (text === undefined ? texts.delete(path) : texts.set(path, text)),
    forgetTokens: () => tokens.clear(),
    refuseTokens: (next) => {
      isRefusing = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
