// A process that sends to a folder queue or works on it, until it is killed.
import { createJiti } from 'jiti'

const { createFolderQueue } = await createJiti(import.meta.url).import('../../src/batch/queues/folder.ts')

const [deed, path] = process.argv.slice(2)
const queue = createFolderQueue({ path })

const DEEDS = {
  async send() {
    for (let batch = 0; ; batch++) {
      const numbers = Array.from({ length: 5 }, (_, index) => batch * 5 + index)
      const bodies = numbers.map((number) => JSON.stringify({ number, pid: process.pid, text: 'x'.repeat(900_000) }))
      await queue.send(bodies.map((body) => ({ body })))
      process.send({ sent: bodies.map((body) => body.slice(0, 40)) })
    }
  },
  async work() {
    for (;;) {
      const messages = await queue.receive({ max: 5, waitSeconds: 1, leaseSeconds: 1 })
      process.send({ received: messages.map(({ body }) => body) })
      await queue.ack(messages)
      process.send({ acked: messages.length })
    }
  },
}

await DEEDS[deed]()
