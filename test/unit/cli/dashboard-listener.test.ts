import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { listenerOf } from '../../../src/cli/dashboard/listener.ts'
import type { Batches } from '../../../src/index.ts'

/** The dashboard's answers over verbs of a batch's place of which a test needs a few. */
async function answering(verbs: Partial<Batches>) {
  const batches = { monitor: () => ({}), signingTrouble: async () => undefined, ...verbs } as Batches // see above
  const place = { batches, label: 'store/', env: {}, placed: (hint: string) => hint }
  const server = createServer(listenerOf({ place, token: 't', host: '127.0.0.1' }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const headers = { authorization: 'Bearer t', 'content-type': 'application/json' }
  return async (path: string, order?: object) => {
    const given = order ? { method: 'POST', body: JSON.stringify(order) } : {}
    const answer = await fetch(`${origin}${path}`, { headers, ...given })
    return { status: answer.status, ...(JSON.parse(await answer.text()) as object) } // an answer of routes.ts
  }
}

it('workers hear an order while dead letters are being looked at or sent again', async () => {
  const told: string[] = []
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const ask = await answering({
    redrive: () => ended.then(() => ({ sent: 1, left: 0 })),
    command: async ({ verb }) => {
      told.push(verb)
      return ['i-1']
    },
  })
  const redriven = ask('/api/orders', { verb: 'redrive', ids: ['a'] })
  const stopped = ask('/api/orders', { verb: 'stop' })
  expect(await Promise.race([stopped, redriven])).toEqual({ status: 200, text: 'stop told to 1 instance: i-1.' })
  expect(told).toEqual(['stop'])
  end()
  expect(await redriven).toMatchObject({ status: 200 })
})

it('what nobody expected is told as a bug, with what it said and without secrets', async () => {
  const ask = await answering({
    failures: async () => {
      throw new TypeError('no x in https://b/x?X-Amz-Signature=0123')
    },
  })
  expect(await ask('/api/failures?batch=p')).toEqual({
    status: 500,
    error: {
      code: 'E_BUG',
      message: 'TypeError: no x in https://b/x?X-Amz-Signature=***',
      why: 'Lading did not expect this; it is a bug.',
    },
  })
})
