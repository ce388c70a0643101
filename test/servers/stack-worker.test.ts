import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import sharp from 'sharp'
import { expect, it, onTestFinished } from 'vitest'
import { batchStack, packWorker } from '../../src/index.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

const known = PROGRAMS.find(({ name }) => name === 'moto')
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.js')
const region = 'us-east-1'
const IMAGES = 12

/** In threads, as it comes: a worker waits in several queues at once, and one thread would wait in one. */
const IN_THREADS: Partial<Program> = {
  start: ({ port, home }) => ({
    file: join(home, 'bin/python'),
    args: ['-c', 'from moto.server import main; main()', '-H', '127.0.0.1', '-p', `${port}`],
  }),
}

/** Makes the stack, and says what its outputs are. */
async function createStack(server: Server, TemplateBody: string): Promise<Readonly<Record<string, string>>> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = server.credentials
  const credentials = { accessKeyId, secretAccessKey }
  const cloud = new CloudFormationClient({ endpoint: server.endpoint, region, credentials })
  await cloud.send(new CreateStackCommand({ StackName: 'batch', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }))
  const { Stacks } = await cloud.send(new DescribeStacksCommand({ StackName: 'batch' }))
  cloud.destroy()
  return Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
}

async function photos(): Promise<string> {
  const { path, remove } = await temporaryFolder()
  onTestFinished(remove)
  for (let n = 0; n < IMAGES; n += 1) {
    const image = sharp({ create: { width: 300 + n, height: 200, channels: 3, background: 'teal' } })
    await image.toFile(join(path, `${n}.jpg`))
  }
  return path
}

if (known === undefined || (homeOf(known) === undefined && !REQUIRED)) {
  it.skip('works a batch off in moto (not installed: scripts/servers.sh)')
} else {
  it('a worker out of the bundle works a batch off on the queues of the stack, and drains at a command', async () => {
    const server = await startServer({ ...known, ...IN_THREADS })
    onTestFinished(() => server.stop())
    const { path: folder, remove } = await temporaryFolder()
    onTestFinished(remove)
    const common = {
      PATH: process.env.PATH,
      ...server.credentials,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: server.endpoint,
    }
    const env = { ...common, LADING_BATCH_KEY: join(folder, 'batch.key') }

    const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
    const bundle = await packWorker({ arch, out: folder, node: false })
    execFileSync('tar', ['-xzf', bundle.path], { cwd: folder })
    const template = await batchStack({ arch, bundle: bundle.sha256 }, { env })
    const { Store = '', Queues = '', Group = '' } = await createStack(server, template)
    const place = ['--to', `${Store}&endpoint=${server.endpoint}`, '--queues', Queues]
    const lading = async (...args: readonly string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [MAIN, 'batch', ...args, ...place], { cwd: folder, env })).stdout

    const batch = (await lading('submit', await photos(), '--recipe', 'thumb', '--group', Group)).trim()
    // What its launch template would give it: the public key, and no other.
    const trusted: string = JSON.parse(template).Parameters.PublicKeys.Default
    const worker = spawn(
      join(folder, 'bin/lading'),
      ['batch', 'worker', '--instance', 'i-0123456789abcdef0', ...place, '--group', Group],
      { cwd: '/', env: { ...common, LADING_BATCH_PUBLIC_KEYS: trusted }, stdio: 'ignore' },
    )
    onTestFinished(() => void worker.kill('SIGKILL'))
    const ended = once(worker, 'exit')
    // it ends when the batch has closed, with 0 if every image is there
    const early = ended.then((exit) => Promise.reject(new Error(`the worker ended with ${exit}`)))
    await Promise.race([lading('watch', batch), early])
    expect(await lading('control', 'list')).toContain('i-0123456789abcdef0')
    await lading('control', 'drain')
    expect(await ended).toEqual([0, null])
    expect(JSON.parse((await lading('status', batch, '--json')).split('\n')[0] ?? '')).toMatchObject({
      items: IMAGES,
      done: IMAGES,
      failed: 0,
    })
  })
}
