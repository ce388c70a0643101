import { type IncomingHttpHeaders, request } from 'node:http'
import { type DashboardWorld, dashboardWorld, type StartedDashboard, type WorldOptions } from './dashboard-world.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asked {
  readonly method?: string
  readonly path?: string
  /** `host: undefined` sends none. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
  /** Reads so many lines and goes. @default the whole answer */
  readonly lines?: number
}

/** Asks as it is written: a fetch would tidy up paths, and would not send a foreign Host. */
export function ask({ origin, token }: Pick<StartedDashboard, 'origin' | 'token'>, asked: Asked = {}): Promise<Answer> {
  const { hostname, port, host } = new URL(origin)
  const { method = 'GET', path = '/', body, lines } = asked
  const given = { host, authorization: `Bearer ${token}`, ...asked.headers }
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname: hostname.replace(/[[\]]/g, ''), port, method, path, headers, setHost: false, agent: false },
      (response) => {
        let text = ''
        const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
        response.on('data', (chunk: Buffer) => {
          text += chunk
          if (lines === undefined || text.trim().split('\n').length < lines || !text.trim().endsWith('}')) return
          done()
          sent.destroy()
        })
        // A response that is cut has no end.
        response.on('error', () => undefined).on('close', done)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const JSON_TYPE = { 'content-type': 'application/json' }
export const order = (fields: object): Asked => ({
  method: 'POST',
  path: '/api/orders',
  headers: JSON_TYPE,
  body: JSON.stringify(fields),
})
export const WATCH: Asked = { path: '/api/watch', lines: 1 }

/** The newest overview, as `JSON.parse` types it. */
export const overviewOf = async (dashboard: StartedDashboard): Promise<ReturnType<typeof JSON.parse>> =>
  JSON.parse((await ask(dashboard, WATCH)).body)

export async function opened(
  make?: (world: DashboardWorld) => Promise<void>,
  options?: WorldOptions,
): Promise<{ readonly world: DashboardWorld; readonly dashboard: StartedDashboard }> {
  const world = dashboardWorld(options)
  await world.batch('secret-batch', { items: 3, done: 1 })
  await make?.(world)
  return { world, dashboard: await world.dashboard() }
}

export const along = (asked: Asked, headers: Asked['headers']): Asked => ({
  ...asked,
  headers: { ...asked.headers, ...headers },
})
