import { addAbortSignal, Readable } from 'node:stream'
import * as sdk from '@aws-sdk/client-s3'
import { SILENT } from '../../../aws/client.ts'
import { type AwsKeys, credentialsFor } from '../../../aws/keys.ts'
import { keepSdkQuiet } from '../../../aws/quiet.ts'
import { LadingError, printable } from '../../../words/errors.ts'
import { NO_CREDENTIALS } from '../../aws-failure.ts'
import type { OperationName, Operations, Passage, ReceivedObject, Wire } from '../operations.ts'
import type { WireSetup } from '../setup.ts'
import { limitsOf, proxiesFor } from './connections.ts'
import type { Deadline } from './deadline.ts'
import type { Renewal } from './line.ts'
import { announcedBytes, boundAnswers, noteDates, useContentMd5 } from './wire.ts'

/** All of S3 through the AWS SDK, which also knows where credentials and a region are to be found. */
export interface SdkWire extends Wire {
  readonly client: sdk.S3Client
  /** As the environment and the configuration files name it. */
  region(): Promise<string>
  keys(): Promise<AwsKeys>
}

const COMMANDS = {
  AbortMultipartUpload: sdk.AbortMultipartUploadCommand,
  CompleteMultipartUpload: sdk.CompleteMultipartUploadCommand,
  CopyObject: sdk.CopyObjectCommand,
  CreateMultipartUpload: sdk.CreateMultipartUploadCommand,
  DeleteObject: sdk.DeleteObjectCommand,
  DeleteObjects: sdk.DeleteObjectsCommand,
  GetObject: sdk.GetObjectCommand,
  HeadObject: sdk.HeadObjectCommand,
  ListMultipartUploads: sdk.ListMultipartUploadsCommand,
  ListObjectsV2: sdk.ListObjectsV2Command,
  ListParts: sdk.ListPartsCommand,
  PutObject: sdk.PutObjectCommand,
  UploadPart: sdk.UploadPartCommand,
} satisfies Record<OperationName, unknown>

/** @param before whose connections are kept */
export async function createSdkWire(
  setup: WireSetup,
  { region, isFresh }: Omit<Renewal<unknown>, 'before'>,
  before: SdkWire | undefined,
): Promise<SdkWire> {
  const { options } = setup
  const at = region ?? setup.region
  keepSdkQuiet()
  const requestHandler = before?.client.config.requestHandler ?? (await proxyHandler(setup))
  const client = new sdk.S3Client({
    ...clientConfig(setup),
    ...(at !== undefined && { region: at }),
    ...(requestHandler && { requestHandler }),
    // Passed on to the credentials providers, which otherwise read each file only once per process.
    ...(isFresh && { ignoreCache: true }),
  })
  noteDates(client)
  boundAnswers(client)
  useContentMd5(client, setup.isMd5Wanted)
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw (await profileError(error, client, options)) ?? error
    }
  }
  return {
    client,
    region: () => told(() => client.config.region()),
    keys: () => told(() => client.config.credentials()),
    async send(operation, input, passage) {
      const how = { requestTimeout: 0, abortSignal: passage.deadline.signal }
      const output = await told(() => client.send(commandOf(operation, input, passage), how))
      const given = operation === 'GetObject' ? received(output) : output
      // By its name an operation has this output.
      return given as Operations[typeof operation]['output']
    },
  }
}

/** The SDK's own client knows no proxies. */
async function proxyHandler({
  options,
  endpoint,
}: WireSetup): Promise<SdkWire['client']['config']['requestHandler'] | undefined> {
  const proxies = proxiesFor(endpoint ?? AMAZON, options.env ?? process.env)
  if (proxies === undefined) return undefined
  const { createProxyHandler } = await import('./sdk-proxy.ts')
  return createProxyHandler({ proxies, ...limitsOf(options) })
}

/** For its protocol: only the SDK knows the endpoints of all its regions. */
const AMAZON = new URL('https://s3.amazonaws.com')

type Command = Parameters<sdk.S3Client['send']>[0]

function commandOf<N extends OperationName>(name: N, input: Operations[N]['input'], passage: Passage): Command {
  // The table pairs each name with the command that takes its input, which TypeScript does not follow.
  const create = COMMANDS[name] as unknown as new (input: Operations[N]['input']) => Command
  const command = new create(input)
  command.middlewareStack.add(
    (next) => async (args) => {
      passage.guard()
      const result = await next(args)
      passage.deadline.answered(announcedBytes(result.response))
      return result
    },
    // After everything that takes time: it is signed, and only the connection is left.
    { step: 'deserialize', priority: 'low', name: 'ladingRequest' },
  )
  return command
}

function received(output: sdk.GetObjectCommandOutput): ReceivedObject {
  const { Body } = output
  // Not a copy: `noteDate` remembers the date of this very object.
  return Object.assign(output, {
    async receive(ends: Pick<Deadline, 'signal'>): Promise<Uint8Array> {
      if (!Body) return new Uint8Array()
      // The SDK's own signal ends with the headers.
      if (Body instanceof Readable) addAbortSignal(ends.signal, Body)
      return Body.transformToByteArray()
    },
    discard(): void {
      if (Body instanceof Readable) Body.destroy()
    },
  })
}

function clientConfig({ options, endpoint, isPathStyle }: WireSetup): sdk.S3ClientConfig {
  const { connections, connectMs } = limitsOf(options)
  return {
    ...(endpoint && { endpoint: endpoint.href }),
    ...credentialsFor({ profile: options.profile, env: options.env ?? process.env }),
    forcePathStyle: isPathStyle,
    // Otherwise it warns on the console of two kinds of credentials.
    logger: SILENT,
    // Retries are made by `withRetry` alone.
    maxAttempts: 1,
    // We give every body's checksum ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: options.requestTimeoutMs,
      // It would warn on the console of too few sockets, which is normal with large bodies.
      logger: SILENT,
      httpAgent: { keepAlive: true, maxSockets: connections },
      httpsAgent: { keepAlive: true, maxSockets: connections },
    },
  }
}

/** Names the profile. One that does not exist has no region either, and the SDK complains of that first. */
async function profileError(
  error: unknown,
  client: sdk.S3Client,
  { profile: given, env = process.env }: WireSetup['options'],
): Promise<LadingError | undefined> {
  const profile = given ?? env.AWS_PROFILE
  if (!profile || !(error instanceof Error)) return undefined
  const isRegion = /^Region is missing/.test(error.message)
  if (!isRegion && !NO_CREDENTIALS.has(error.name)) return undefined
  if (isRegion && (await hasCredentials(client))) return undefined
  const name = printable(profile)
  return new LadingError('E_CREDENTIALS', `no credentials were found for the profile "${name}"`, {
    why: `it has ${isRegion ? 'neither credentials nor a region' : 'no credentials that can be used'} in ~/.aws/credentials and ~/.aws/config`,
    hint: `Check the name ${given === undefined ? 'in AWS_PROFILE' : 'after ?profile='}; \`aws configure list-profiles\` shows those that exist. With SSO, sign in: aws sso login --profile ${name}`,
  })
}

const hasCredentials = (client: sdk.S3Client): Promise<boolean> =>
  client.config.credentials().then(
    () => true,
    () => false,
  )
