import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message, Queue } from '../../../src/batch/queue.ts'
import { createSqsQueue } from '../../../src/batch/queues/sqs.ts'
import { openStrictSqs, type SqsSetting } from '../../rig/strict-sqs-queue.ts'

let setting: SqsSetting
let queue: Queue

beforeEach(async () => {
  setting = await openStrictSqs(100)
  queue = await setting.open('std')
})
afterEach(async () => {
  await setting.close()
})

const bodies = (count: number) => Array.from({ length: count }, (_, index) => ({ body: `m${index}` }))
const asked = (op: string): number => setting.sqs.requests.filter((request) => request === op).length

async function receiveAll(): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const some = await queue.receive({ max: 10, leaseSeconds: 30 })
    if (some.length === 0) return all
    all.push(...some)
  }
}

describe('requests to SQS', () => {
  it('carry ten messages', async () => {
    await queue.send(bodies(25))
    expect(asked('SendMessageBatch')).toBe(3)
    const messages = await receiveAll()
    expect(asked('ReceiveMessage')).toBe(4)
    await queue.extend(messages, 60)
    await queue.release(messages.slice(0, 5))
    expect(asked('ChangeMessageVisibilityBatch')).toBe(3 + 1)
    await queue.ack(messages)
    expect(asked('DeleteMessageBatch')).toBe(3)
  })

  it('stay below 1 MiB together', async () => {
    const body = 'x'.repeat(300_000)
    expect(await queue.send(Array.from({ length: 7 }, () => ({ body })))).toEqual([])
    expect(asked('SendMessageBatch')).toBe(3)
    expect(setting.sqs.violations).toEqual([])
  })

  it('are none for nothing', async () => {
    await Promise.all([queue.send([]), queue.ack([]), queue.extend([], 1), queue.release([])])
    expect(setting.sqs.requests.filter((op) => op !== 'CreateQueue')).toEqual([])
  })
})

describe('single entries that fail', () => {
  it('by no fault of ours are sent again, and they alone', async () => {
    for (const id of ['1', '3']) {
      setting.sqs.fault({ kind: 'entry', op: 'SendMessageBatch', id, code: 'InternalError', isSender: false })
    }
    expect(await queue.send(bodies(5))).toEqual([])
    expect(asked('SendMessageBatch')).toBe(2)
    expect((await receiveAll()).map(({ body }) => body).sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
  })

  it('by our fault come back and are not sent again', async () => {
    setting.sqs.fault({ kind: 'entry', op: 'SendMessageBatch', id: '2', code: 'InvalidParameter', isSender: true })
    expect(await queue.send(bodies(5))).toEqual([{ index: 2, reason: 'InvalidParameter: a fault', isOurs: true }])
    expect(asked('SendMessageBatch')).toBe(1)
  })

  it('again and again come back in the end', async () => {
    for (let round = 0; round < 5; round++) {
      setting.sqs.fault({ kind: 'entry', op: 'SendMessageBatch', id: '0', code: 'InternalError', isSender: false })
    }
    expect(await queue.send(bodies(1))).toMatchObject([{ index: 0, isOurs: false }])
    expect(setting.clock.waits()).toBe(4)
  })

  it('because the answer does not mention them are sent again', async () => {
    const fault = { kind: 'entry', op: 'SendMessageBatch', id: '1', code: '', isSender: false } as const
    setting.sqs.fault({ ...fault, isUnmentioned: true })
    expect(await queue.send(bodies(2))).toEqual([])
    expect((await receiveAll()).map(({ body }) => body).sort()).toEqual(['m0', 'm1'])
  })

  it('of an ack, an extension and a release are tried again as well', async () => {
    await queue.send(bodies(3))
    const messages = await receiveAll()
    for (const op of ['ChangeMessageVisibilityBatch', 'DeleteMessageBatch']) {
      setting.sqs.fault({ kind: 'entry', op, id: '0', code: 'InternalError', isSender: false })
    }
    expect(await queue.extend(messages, 60)).toEqual([])
    expect(await queue.ack(messages)).toEqual([])
    expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0 })
  })

  it('because the lease has ended say so', async () => {
    await queue.send(bodies(2))
    const [first, second] = await receiveAll()
    if (!(first && second)) throw new Error('nothing came')
    setting.clock.pass(31)
    const failures = await queue.extend([first, second], 60)
    expect(failures.map(({ message, isLost }) => [message.id, isLost])).toEqual([
      [first.id, true],
      [second.id, true],
    ])
    expect(failures[0]?.reason).toContain('MessageNotInflight')
  })
})

describe('whole requests that fail', () => {
  it('because of the line are made again; what was sent before the answer was lost comes twice', async () => {
    setting.sqs.fault({ kind: 'reset', op: 'SendMessageBatch', when: 'before' })
    expect(await queue.send(bodies(1))).toEqual([])
    setting.sqs.fault({ kind: 'reset', op: 'SendMessageBatch', when: 'after' })
    expect(await queue.send([{ body: 'twice' }])).toEqual([])
    expect((await receiveAll()).map(({ body }) => body).sort()).toEqual(['m0', 'twice', 'twice'])
  })

  it.each([
    [403, 'RequestThrottled'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('with %i %s are made again', async (status, code) => {
    setting.sqs.fault({ kind: 'answer', op: 'SendMessageBatch', status, code })
    expect(await queue.send(bodies(1))).toEqual([])
    expect(asked('SendMessageBatch')).toBe(2)
  })

  it('for good reject when nothing was sent, and come back message by message when something was', async () => {
    setting.sqs.fault({ kind: 'answer', op: 'SendMessageBatch', status: 403, code: 'AccessDenied' })
    await expect(queue.send(bodies(1))).rejects.toMatchObject({
      code: 'E_ACCESS_DENIED',
      hint: expect.stringContaining('sqs:SendMessage'),
    })
    setting.sqs.fault({ kind: 'answer', op: 'SendMessageBatch', status: 403, code: 'AccessDenied' })
    const failures = await queue.send(bodies(15))
    expect(failures.every(({ reason, isOurs }) => reason.includes('access denied') && !isOurs)).toBe(true)
    expect((await receiveAll()).length + failures.length).toBe(15)
  })

  it('at a receive are for the caller, who waits anyway', async () => {
    setting.sqs.fault({ kind: 'answer', op: 'ReceiveMessage', status: 500, code: 'InternalError' })
    await expect(queue.receive({ max: 1, leaseSeconds: 30 })).rejects.toMatchObject({
      code: 'E_QUEUE',
      retryable: true,
    })
    expect(asked('ReceiveMessage')).toBe(1)
  })

  it('because there is no such queue name it', async () => {
    const gone = await setting.open('gone')
    const calls = [() => gone.send(bodies(1)), () => gone.gauge(), () => gone.receive({ max: 1, leaseSeconds: 1 })]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: 'E_NO_QUEUE', retryable: false, subject: gone.label })
    }
  })

  it('because of the credentials say so', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wrong' }
    const stranger = await createSqsQueue({ url: setting.sqs.urlOf('std'), env, clock: setting.clock })
    await expect(stranger.gauge()).rejects.toMatchObject({ code: 'E_CREDENTIALS' })
  })

  it('because nobody answers are made again a few times', async () => {
    const { accessKeyId, secretAccessKey } = setting.sqs
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    const lost = await createSqsQueue({ url: 'http://127.0.0.1:1/0/std', env, clock: setting.clock, retries: 2 })
    await expect(lost.gauge()).rejects.toMatchObject({ code: 'E_UNREACHABLE', retryable: true })
    expect(setting.clock.waits()).toBe(2)
  })

  it('because the SDK is not there name the package', async () => {
    const load = () => Promise.reject(new Error('Cannot find package'))
    await expect(createSqsQueue({ url: setting.sqs.urlOf('std'), env: {}, load })).rejects.toMatchObject({
      code: 'E_MISSING_PACKAGE',
      hint: expect.stringContaining('npm install --save-dev @aws-sdk/client-sqs'),
    })
  })
})

describe('a send that is given up', () => {
  it('rejects with the reason', async () => {
    await expect(queue.send(bodies(1), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('an SQS that duplicates, mixes, fails and forgets', () => {
  it('loses no message, and is empty in the end', async () => {
    let state = 7
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return (state >>> 8) / 0x100_0000
    }
    setting.sqs.chaos({ random, duplicates: 0.1, partials: 0.1, lostAcks: 0.1, resets: 0.05, throttles: 0.05 })
    const sent = bodies(300)
    let open = sent
    while (open.length > 0) {
      const failures = await queue.send(open)
      open = failures.flatMap(({ index }) => open[index] ?? [])
    }
    const seen = new Map<string, number>()
    for (let empty = 0; empty < 3; ) {
      const messages = await queue.receive({ max: 10, leaseSeconds: 30 }).catch(() => [])
      for (const { body } of messages) seen.set(body, (seen.get(body) ?? 0) + 1)
      empty = messages.length === 0 ? empty + 1 : 0
      if (messages.length === 0) setting.clock.pass(31)
      else await queue.ack(messages).catch(() => [])
    }
    setting.sqs.chaos(undefined)
    expect(seen.size).toBe(sent.length)
    expect([...seen.values()].some((times) => times > 1)).toBe(true)
    expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0, delayed: 0 })
    expect(setting.sqs.violations).toEqual([])
  })
})
