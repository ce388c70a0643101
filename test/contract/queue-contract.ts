import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message, Outgoing, Queue, ReceiveOptions } from '../../src/batch/queue.ts'
import { LadingError } from '../../src/words/errors.ts'

export interface OpenedQueue {
  readonly queue: Queue
  /** The same queue, as another process has it. */
  readonly other: Queue
  /** Where messages go that were received `MAX_RECEIVES` times. */
  readonly deadLetters: Queue
  /** Lets time pass, for all of them. */
  pass(seconds: number): void
  /** Does something while a receive waits. */
  duringWait(deed: () => Promise<unknown>): void
  close(): Promise<void>
}

/** How often messages are delivered in the queues of the contract. */
export const MAX_RECEIVES = 3

/** Texts that have to arrive as they were sent. */
const ODD_BODIES = ['x', ' ', '{"a":1}', 'null', 'ü€😀', '<b>&amp;</b>', '"\\\'%2F', 'a\nb\tc', 'y'.repeat(300_000)]

/** The promises of the queue's port, for every adapter. */
export function queueContract(name: string, open: () => Promise<OpenedQueue>): void {
  describe(`${name} keeps the promises of a queue`, () => {
    let opened: OpenedQueue
    let queue: Queue

    beforeEach(async () => {
      opened = await open()
      queue = opened.queue
    })
    afterEach(async () => {
      await opened.close()
    })

    const sendAll = async (...bodies: readonly string[]): Promise<void> => {
      expect(await queue.send(bodies.map((body) => ({ body })))).toEqual([])
    }
    const one = async (from: Queue = queue): Promise<Message> => {
      const [message] = await from.receive(NOW)
      if (!message) throw new Error('nothing came')
      return message
    }

    describe('messages', () => {
      it('arrive as they were sent, with their count and times', async () => {
        const sent: Outgoing = { body: 'hello', group: 'b1', attributes: { traceparent: '00-ab-cd-01', reason: 'a b' } }
        expect(await queue.send([sent])).toEqual([])
        opened.pass(5)
        const message = await one()
        expect(message).toMatchObject({ ...sent, receives: 1 })
        expect(message.firstReceivedAt - message.sentAt).toBe(5000)
        expect(message.id).toMatch(/./)
      })

      it.each(ODD_BODIES)('keep the text %.20j', async (body) => {
        await sendAll(body)
        expect((await one()).body).toBe(body)
      })

      it('come in any number, at most as many as were asked for', async () => {
        await sendAll(...numbered(25))
        expect(await queue.receive({ ...NOW, max: 4 })).toHaveLength(4)
        expect(await drain(queue)).toHaveLength(21)
      })

      it('that nobody sent do not come', async () => {
        expect(await queue.receive(NOW)).toEqual([])
      })

      it('that no queue can carry come back, and the others are sent', async () => {
        const bodies = ['a', '', 'b', 'nul \0', 'x'.repeat(queue.limits.messageBytes + 1), 'c']
        const failures = await queue.send(bodies.map((body) => ({ body })))
        expect(failures.map(({ index, isOurs }) => [index, isOurs])).toEqual([
          [1, true],
          [3, true],
          [4, true],
        ])
        expect((await drain(queue)).map(({ body }) => body).sort()).toEqual(['a', 'b', 'c'])
      })

      it('of the greatest size are sent, many at once', async () => {
        const large = 'x'.repeat(queue.limits.messageBytes)
        await sendAll(large, 'small', large)
        expect((await drain(queue)).map(({ body }) => body.length).sort()).toEqual([large.length, large.length, 5])
      })

      it('with a delay are hidden until it has passed', async () => {
        expect(await queue.send([{ body: 'later', delaySeconds: 60 }])).toEqual([])
        expect(await queue.receive(NOW)).toEqual([])
        opened.pass(59)
        expect(await queue.receive(NOW)).toEqual([])
        opened.pass(2)
        expect(await one()).toMatchObject({ body: 'later', receives: 1 })
      })

      it('are for whoever asks first', async () => {
        await sendAll('a')
        expect((await one(opened.other)).body).toBe('a')
        expect(await queue.receive(NOW)).toEqual([])
      })
    })

    describe('a lease', () => {
      it('hides a message until it ends; then it comes again, counted', async () => {
        await sendAll('a')
        const first = await one()
        opened.pass(29)
        expect(await opened.other.receive(NOW)).toEqual([])
        opened.pass(2)
        const second = await one(opened.other)
        expect(second).toMatchObject({ id: first.id, body: 'a', receives: 2, sentAt: first.sentAt })
        expect(second.firstReceivedAt).toBe(first.firstReceivedAt)
      })

      it('lasts longer when it is extended, counted from then', async () => {
        await sendAll('a')
        const message = await one()
        opened.pass(20)
        expect(await queue.extend([message], 60)).toEqual([])
        opened.pass(59)
        expect(await opened.other.receive(NOW)).toEqual([])
        opened.pass(2)
        expect(await one(opened.other)).toMatchObject({ receives: 2 })
      })

      it('can be extended again and again, and acked with what was received', async () => {
        await sendAll('a')
        const message = await one()
        for (let at = 0; at < 5; at++) {
          opened.pass(20)
          expect(await queue.extend([message], 30)).toEqual([])
        }
        expect(await queue.ack([message])).toEqual([])
        opened.pass(3600)
        expect(await queue.receive(NOW)).toEqual([])
      })

      it('ends when the message is released', async () => {
        await sendAll('a')
        expect(await queue.release([await one()])).toEqual([])
        expect(await one(opened.other)).toMatchObject({ body: 'a', receives: 2 })
      })

      it('may be given up for a while', async () => {
        await sendAll('a')
        expect(await queue.release([await one()], 120)).toEqual([])
        opened.pass(119)
        expect(await opened.other.receive(NOW)).toEqual([])
        opened.pass(2)
        expect(await one(opened.other)).toMatchObject({ receives: 2 })
      })

      it('that has ended does no harm to the one who has the message by then', async () => {
        await sendAll('a')
        const mine = await one()
        opened.pass(31)
        const theirs = await one(opened.other)
        await queue.release([mine])
        await queue.extend([mine], 1)
        opened.pass(10)
        expect(await queue.receive(NOW)).toEqual([])
        expect(await opened.other.ack([theirs])).toEqual([])
        opened.pass(3600)
        expect(await queue.receive(NOW)).toEqual([])
      })

      it('belongs to one receiver, whoever asks at the same time', async () => {
        await sendAll(...numbered(60))
        const all = await Promise.all([drain(queue), drain(opened.other), drain(queue), drain(opened.other)])
        expect(new Set(all.flat().map(({ body }) => body)).size).toBe(60)
        expect(all.flat()).toHaveLength(60)
      })
    })

    describe('an ack', () => {
      it('of many takes them away for good', async () => {
        await sendAll(...numbered(25))
        const messages = await drain(queue)
        expect(await queue.ack(messages)).toEqual([])
        opened.pass(3600)
        expect(await drain(queue)).toEqual([])
        expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0, delayed: 0 })
      })

      it('leaves the others', async () => {
        await sendAll('a', 'b', 'c')
        const [first, ...rest] = await drain(queue)
        if (first) await queue.ack([first])
        await queue.release(rest)
        expect((await drain(queue)).map(({ id }) => id).sort()).toEqual(rest.map(({ id }) => id).sort())
      })

      it('of nothing, and of what is acked already, is harmless', async () => {
        await sendAll('a')
        const message = await one()
        for (const call of [queue.ack, queue.extend, queue.release]) expect(await call([], 30)).toEqual([])
        await queue.ack([message])
        await queue.ack([message])
        expect(await drain(queue)).toEqual([])
      })
    })

    describe('a message that is received too often', () => {
      it('goes to the dead letters, with all that it was', async () => {
        expect(await queue.send([{ body: 'poison', group: 'g', attributes: { kind: 'x' } }])).toEqual([])
        for (let receives = 1; receives <= MAX_RECEIVES; receives++) {
          expect(await one()).toMatchObject({ receives })
          opened.pass(31)
        }
        expect(await queue.receive(NOW)).toEqual([])
        expect(await one(opened.deadLetters)).toMatchObject({ body: 'poison', group: 'g', attributes: { kind: 'x' } })
        expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0, delayed: 0 })
      })

      it('holds up no other', async () => {
        await sendAll('poison')
        for (let receives = 1; receives <= MAX_RECEIVES; receives++) {
          await one()
          opened.pass(31)
        }
        await sendAll('a', 'b')
        expect((await drain(queue)).map(({ body }) => body).sort()).toEqual(['a', 'b'])
      })
    })

    describe('a gauge', () => {
      it('tells what waits, what is leased and what is delayed', async () => {
        await sendAll(...numbered(5))
        await queue.send([{ body: 'later', delaySeconds: 300 }])
        opened.pass(7)
        const taken = await queue.receive({ ...NOW, max: 2 })
        expect(await opened.other.gauge()).toMatchObject({
          visible: 5 - taken.length,
          inFlight: taken.length,
          delayed: 1,
        })
        const { headAgeSeconds = 7 } = await queue.gauge()
        expect(headAgeSeconds).toBe(7)
      })

      it('of an empty queue is all zero', async () => {
        expect(await queue.gauge()).toEqual({ visible: 0, inFlight: 0, delayed: 0, headAgeSeconds: undefined })
      })
    })

    describe('a receive that waits', () => {
      it('brings what is sent meanwhile', async () => {
        opened.duringWait(() => opened.other.send([{ body: 'at last' }]))
        expect(await queue.receive({ ...NOW, waitSeconds: 20 })).toMatchObject([{ body: 'at last' }])
      })

      it('ends empty when its time is over', async () => {
        expect(await queue.receive({ ...NOW, waitSeconds: 20 })).toEqual([])
      })

      it('never ends with an error when it is to hurry', async () => {
        const stop = new AbortController()
        opened.duringWait(async () => stop.abort())
        expect(await queue.receive({ ...NOW, waitSeconds: 20, hurry: stop.signal })).toEqual([])
        await sendAll('a')
        expect(await queue.receive({ ...NOW, waitSeconds: 20, hurry: stop.signal })).toMatchObject([{ body: 'a' }])
      })

      it.each([{ max: 0 }, { max: 11 }, { waitSeconds: 21 }, { leaseSeconds: 0 }, { leaseSeconds: 0.5 }])(
        'is refused with %o',
        async (wrong) => {
          await expect(queue.receive({ ...NOW, ...wrong })).rejects.toThrow(LadingError)
        },
      )
    })
  })
}

const NOW: ReceiveOptions = { max: 10, leaseSeconds: 30 }

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `message ${index}`)

/** Everything that is visible. */
async function drain(queue: Queue): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const some = await queue.receive(NOW)
    if (some.length === 0) return all
    all.push(...some)
  }
}
