// `node take.mjs lading|memory|bare ENDPOINT PUBLIC_KEY MESSAGES WORK_MS`: takes all messages of a queue and deletes them.
//   lading  a worker whose handler takes WORK_MS and writes nothing
//   memory  the same, after the messages were brought into a queue of this process: what is left is the worker's own
//   bare    the SDK alone, ten received and ten deleted, one after another
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { SYSTEM_CLOCK } from '../../src/batch/clock.ts'
import { createVerifier } from '../../src/batch/plan/signing.ts'
import { createMemoryQueue } from '../../src/batch/queues/memory.ts'
import { createSqsQueue } from '../../src/batch/queues/sqs.ts'
import { createWorker } from '../../src/batch/worker/worker.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

const [side, endpoint, publicKey, count, workMs] = process.argv.slice(2)
const messages = Number(count)
const urlOf = (name) => `${endpoint}/000000000000/bench-${name}`
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }

async function bare() {
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials })
  const QueueUrl = urlOf('std')
  const one = async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: 60 }),
    )
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    return Messages.length
  }
  return async () => {
    for (let done = 0; done < messages; ) done += await one()
  }
}

const openSqs = (name) => createSqsQueue({ url: urlOf(name), endpoint, region: 'us-east-1', env })

async function memory() {
  const from = await openSqs('std')
  const [hi, std, bulk, dead] = ['hi', 'std', 'bulk', 'dead'].map((label) =>
    createMemoryQueue({ clock: SYSTEM_CLOCK, label }),
  )
  while (std.size() < messages) await std.send(await from.receive({ max: 10, leaseSeconds: 60 }))
  return working([hi, std, bulk, dead])
}

const lading = async () => working(await Promise.all(['hi', 'std', 'bulk', 'dead'].map(openSqs)))

function working([hi, std, bulk, dead]) {
  let acked = 0
  let finish
  const counted = {
    ...std,
    async ack(given) {
      const failures = await std.ack(given)
      acked += given.length - failures.length
      if (acked === messages) finish()
      return failures
    },
  }
  const work = Number(workMs)
  const handle = async () => {
    if (work > 0) await new Promise((resolve) => setTimeout(resolve, work))
    return { status: 'done' }
  }
  const worker = createWorker({
    ...{ instance: 'bench', store: createMemoryStore(), lanes: { hi, std: counted, bulk }, deadLetters: dead },
    handler: { handle },
    ...{ verify: createVerifier([publicKey]), slots: 2, pixels: 1e9, idle: 'never' },
  })
  return () =>
    new Promise((resolve) => {
      finish = resolve
      void worker.run()
    })
}

const take = await { bare, lading, memory }[side]()
const started = performance.now()
const cpu = process.cpuUsage()
await take()
const { user, system } = process.cpuUsage(cpu)
process.stdout.write(
  `${JSON.stringify({ cpuUs: (user + system) / messages, wallUs: (1000 * (performance.now() - started)) / messages })}\n`,
)
process.exit(0) // long polls of empty lanes would last
