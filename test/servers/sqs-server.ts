import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Queue } from '../../src/batch/queue.ts'
import { createSqsQueue } from '../../src/batch/queues/sqs.ts'
import { MAX_RECEIVES, type OpenedQueue } from '../contract/queue-contract.ts'
import { clockIn, PROGRAMS, type Server, type Startable } from './server.ts'

/** Queues in memory, of actors; its clock is preloaded, see the folder `elasticmq`. */
const ELASTICMQ: Startable = {
  name: 'elasticmq',
  start: ({ port, folder, home }) => ({
    file: 'java',
    args: [
      '-Xmx256m',
      // Only a warm machine gains by more of it.
      '-XX:TieredStopAtLevel=1',
      '-Drest-sqs.bind-hostname=127.0.0.1',
      `-Drest-sqs.bind-port=${port}`,
      `-Dnode-address.port=${port}`,
      '-Drest-stats.enabled=false',
      '-cp',
      join(home, 'lib', '*'),
      'org.elasticmq.server.Main',
    ],
    env: { LD_PRELOAD: join(home, 'clock.so'), LADING_CLOCK: clockIn(folder) },
  }),
}

/** Those that speak SQS. */
export const QUEUE_PROGRAMS: readonly Startable[] = [...PROGRAMS.filter(({ name }) => name === 'moto'), ELASTICMQ]

/** Seconds that a receive waits at most, for time does pass there. */
const WAIT_SECONDS = 1

/** Some day in 2026. */
const START = Date.UTC(2026, 10, 23)

let opened = 0

/** A new queue with dead letters, as the contract wants it, in the time that the test says it is. */
export async function openOnServer(server: Server): Promise<OpenedQueue> {
  const clock = clockOf(server)
  const { std, dead } = await createQueues(server)
  const deeds: (() => Promise<unknown>)[] = []
  const open = async (url: string): Promise<Queue> => {
    const queue = await createSqsQueue({ url, region: 'us-east-1', env: server.credentials })
    return {
      ...queue,
      async receive(given) {
        const { waitSeconds = 0 } = given
        const coming = queue.receive({ ...given, waitSeconds: waitSeconds === 20 ? WAIT_SECONDS : waitSeconds })
        const [messages] = await Promise.all([coming, waitSeconds > 0 && deeds.shift()?.()])
        return messages
      },
      send: (...given) => queue.send(...given).finally(clock.tick),
      release: (...given) => queue.release(...given).finally(clock.tick),
    }
  }
  return {
    queue: await open(std),
    other: await open(std),
    deadLetters: await open(dead),
    pass: clock.pass,
    duringWait: (deed) => void deeds.push(deed),
    close: async () => undefined,
  }
}

interface ServerClock {
  /** Whole seconds. They take the moments in that were before them. */
  pass(seconds: number): void
  /** A moment later, for servers to which what is hidden until now is hidden now. */
  tick(): void
}

/** The server's time. It stands still until some passes. */
function clockOf({ folder }: Server): ServerClock {
  let seconds = 0
  let moments = 0
  const file = clockIn(folder)
  const set = (): void => {
    writeFileSync(`${file}.part`, String(START + seconds * 1000 + moments))
    renameSync(`${file}.part`, file)
  }
  set()
  return {
    pass(more) {
      seconds += more
      moments = 0
      set()
    },
    tick() {
      moments += 1
      set()
    },
  }
}

/** As by hand: our adapter creates no queues with dead letters. */
async function createQueues(server: Server): Promise<{ readonly std: string; readonly dead: string }> {
  opened += 1
  const { endpoint, credentials } = server
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = credentials
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } })
  const create = async (name: string, Attributes: Record<string, string>): Promise<string> => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `${name}-${opened}`, Attributes }))
    return QueueUrl
  }
  const MaximumMessageSize = String(1024 * 1024)
  const dead = await create('dead', { MaximumMessageSize })
  const asked = new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] })
  const deadLetterTargetArn = (await client.send(asked)).Attributes?.QueueArn
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVES })
  const std = await create('std', { MaximumMessageSize, RedrivePolicy })
  client.destroy()
  return { std, dead }
}
