import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type MetadataService, startMetadataService } from '../rig/metadata-service.ts'
import { livingOf, userDataOf } from './ec2-api.ts'
import type { Server } from './server.ts'
import { type Boot, bootOf } from './user-data.ts'

/** An instance of a group, as far as it is real: its worker's process and its metadata service. */
export interface Instance {
  readonly id: string
  readonly metadata: MetadataService
  /** Resolves with how its worker ended: a code or a signal. */
  readonly ended: Promise<number | string>
  /** What its worker has said by now. */
  log(): string
  /** Lets no process in which it renders go on, until it has ended. @returns how many there are */
  freeze(): number
  /** Lets the worker itself not go on either, once it has said this. */
  freezeAt(words: string): void
}

export interface Instances {
  /** All that there ever were, in the order of their coming. Throws once the group cannot be watched any more. */
  readonly all: readonly Instance[]
  /** When EC2 ends this one, its machine is gone at once; the others are shut down in good order. */
  doom(instance: string): void
  /** Ends everything. Rejects when an instance could not be started. */
  close(): Promise<void>
}

const region = 'us-east-1'
/** Between two looks at the group, in milliseconds. */
const LOOK_MS = 100
/** Between the call that ends a machine and the signal to its processes, in milliseconds. */
const NOTICE_MS = 10_000
/** How long a machine takes to shut down, in milliseconds. */
const SHUTDOWN_MS = 30_000

/**
 * Starts one real worker for each instance that the server's group says it has, as its user data would, and ends it when
 * EC2 says that the instance has. The metadata service is all that a worker has its id and its keys from.
 */
export function startInstances(
  server: Server,
  { group, folder }: { readonly group: string; readonly folder: string },
): Instances {
  const all: Running[] = []
  const doomed = new Set<string>()
  const over = new AbortController()
  const client = new AutoScalingClient({ endpoint: server.endpoint, region, credentials: keysOf(server) })
  const unpack = unpackOnce(server, folder)

  const look = async (): Promise<void> => {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })
    const { AutoScalingGroups: [found] = [] } = await client.send(command)
    for (const { InstanceId: id = '' } of found?.Instances ?? []) {
      if (!all.some((known) => known.id === id)) all.push(await boot(server, { id, unpack, folder }))
    }
    const running = all.filter(({ child }) => child.exitCode === null && child.signalCode === null)
    const living = await livingOf(
      server,
      running.map(({ id }) => id),
    )
    for (const each of running) if (!living.has(each.id)) end(each, doomed.has(each.id))
  }
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look()
      await delay(LOOK_MS)
    }
  })()
  let failure: unknown
  watching.catch((error: unknown) => {
    failure = error
  })

  return {
    get all() {
      // Else who waits for an instance would hear of its time limit alone.
      if (failure !== undefined) throw failure
      return all
    },
    doom: (instance) => void doomed.add(instance),
    async close() {
      over.abort()
      await watching.finally(async () => {
        client.destroy()
        for (const { child } of all) child.kill('SIGKILL')
        await Promise.all(all.flatMap(({ ended, metadata }) => [ended, metadata.close()]))
      })
    },
  }
}

interface Running extends Instance {
  readonly child: ChildProcess
  isShuttingDown: boolean
}

function end(instance: Running, isDoomed: boolean): void {
  const { child } = instance
  if (isDoomed) child.kill('SIGKILL')
  if (instance.isShuttingDown) return
  instance.isShuttingDown = true
  setTimeout(() => {
    // Node dies of a signal that comes in its last moment, although its work has come to its end.
    if (!instance.log().includes(' ended (')) child.kill('SIGTERM')
  }, NOTICE_MS).unref()
  setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_MS).unref()
}

interface Booting {
  readonly id: string
  readonly folder: string
  readonly unpack: (boot: Boot) => Promise<string>
}

async function boot(server: Server, { id, folder, unpack }: Booting): Promise<Running> {
  const told = bootOf(await userDataOf(server, id))
  const home = await unpack(told)
  const metadata = await startMetadataService()
  metadata.set('instance-id', id)
  metadata.set('autoscaling/target-lifecycle-state', 'InService')
  giveKeys(metadata, server)
  const [file = '', ...args] = told.command.map((word) => word.replace(/^\/opt\/lading(?=\/)/, home))
  const child = spawn(file, args, {
    cwd: '/',
    env: {
      ...told.environment,
      // What stands for the image and the network of an instance.
      PATH: process.env.PATH,
      HOME: join(folder, 'nobody'),
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let lastWords: string | undefined
  const hear = (bytes: Buffer): void => {
    said += bytes.toString()
    if (lastWords !== undefined && said.includes(lastWords)) child.kill('SIGSTOP')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = once(child, 'close').then(
    ([code, signal]) => code ?? signal,
    (error: Error) => error.message,
  )
  const frozen = new Set<number>()
  return {
    id,
    metadata,
    child,
    ended: ended.finally(() => {
      for (const pid of frozen) signal(pid, 'SIGKILL')
    }),
    log: () => said,
    freeze() {
      for (const pid of childrenOf(child)) if (signal(pid, 'SIGSTOP')) frozen.add(pid)
      return frozen.size
    },
    freezeAt(words) {
      lastWords = words
    },
    isShuttingDown: false,
  }
}

function childrenOf({ pid }: ChildProcess): readonly number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = processes.map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.flatMap(([each, parent]) => (each !== undefined && parent === pid ? [each] : []))
}

/** @returns whether the process was there to get it */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** The role's, as its instance gets them. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html */
function giveKeys(metadata: MetadataService, { credentials }: Server): void {
  const role = 'iam/security-credentials/'
  metadata.set(role, 'worker')
  metadata.set(
    `${role}worker`,
    JSON.stringify({
      Code: 'Success',
      Type: 'AWS-HMAC',
      LastUpdated: new Date().toISOString(),
      AccessKeyId: credentials.AWS_ACCESS_KEY_ID,
      SecretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
      Token: 'session',
      Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    }),
  )
}

/** Fetches the bundle that the user data names, holds it against its digest and unpacks it, once for all. */
function unpackOnce(server: Server, folder: string): Booting['unpack'] {
  const homes = new Map<string, Promise<string>>()
  const unpack = async ({ bucket: Bucket, key: Key, sha256 }: Boot): Promise<string> => {
    const client = new S3Client({
      endpoint: server.endpoint,
      region,
      forcePathStyle: true,
      credentials: keysOf(server),
    })
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
    client.destroy()
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Error('the bundle is another one')
    const home = join(folder, 'opt', sha256.slice(0, 8))
    mkdirSync(home, { recursive: true })
    writeFileSync(`${home}.tar.gz`, bytes)
    execFileSync('tar', ['-xzf', `${home}.tar.gz`, '-C', home])
    return home
  }
  return (told) => {
    const home = homes.get(told.sha256) ?? unpack(told)
    homes.set(told.sha256, home)
    return home
  }
}

const keysOf = ({ credentials }: Server) => ({
  accessKeyId: credentials.AWS_ACCESS_KEY_ID,
  secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
})
