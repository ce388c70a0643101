import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from '../rig/sites.ts'

/** A program that speaks S3 and that somebody else wrote. */
export interface Program {
  readonly name: string
  /** Rows on a page of its listings. */
  readonly pageSize: number
  /** Headers that it does not store, although it says 200. */
  readonly forgets: readonly string[]
  start(place: Place): Start
}

interface Place {
  readonly port: number
  /** Empty, and removed at the end. */
  readonly folder: string
  /** Where the program was installed. */
  readonly home: string
  readonly credentials: Credentials
}

interface Start {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface Credentials {
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
}

export const PROGRAMS: readonly Program[] = [
  {
    // A gateway for production. Objects are files, headers their extended attributes; signatures are verified.
    name: 'versitygw',
    pageSize: 1000,
    forgets: [],
    start: ({ port, folder, home, credentials }) => ({
      file: join(home, 'versitygw'),
      args: ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', folder],
      env: { ROOT_ACCESS_KEY: credentials.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: credentials.AWS_SECRET_ACCESS_KEY },
    }),
  },
  {
    // In memory; `rclone serve s3` is built on a fork of it.
    name: 'gofakes3',
    pageSize: 1000,
    forgets: ['cache-control', 'content-language'],
    start: ({ port, home }) => ({
      file: join(home, 'gofakes3'),
      args: ['-backend', 'memory', '-host', `127.0.0.1:${port}`, '-quiet'],
    }),
  },
  {
    name: 'moto',
    pageSize: 4,
    forgets: [],
    start: ({ port, home }) => ({
      file: join(home, 'bin/python'),
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`],
      env: { MOTO_S3_DEFAULT_MAX_KEYS: '4' },
    }),
  },
]

const HOME = resolve(
  process.env.LADING_SERVERS ?? join(import.meta.dirname, '../../node_modules/.cache/lading-servers'),
)

/** Where `scripts/servers.sh` put the program; `undefined` when it is not installed. */
export function homeOf({ name }: Program): string | undefined {
  const folders = existsSync(HOME) ? readdirSync(HOME) : []
  const folder = folders.find((found) => found.startsWith(`${name}-`) && /-v?[\d.]+$/.test(found))
  return folder && join(HOME, folder)
}

/** A missing server is skipped in sight, unless the environment says that all have to be there. */
export const REQUIRED: boolean = process.env.LADING_REQUIRE_SERVERS === '1'

export interface Server {
  readonly endpoint: string
  readonly credentials: Readonly<Record<string, string>>
  /** Ends the process and takes its folder away. */
  stop(): Promise<void>
}

/** Starts the program on a free port of loopback and returns when it takes connections. */
export async function startServer(program: Program): Promise<Server> {
  const home = homeOf(program)
  if (home === undefined) throw new Error(`${program.name} is not installed: scripts/servers.sh`)
  const folder = await temporaryFolder()
  const port = await freePort()
  const credentials = { AWS_ACCESS_KEY_ID: word(), AWS_SECRET_ACCESS_KEY: word() + word() }
  const { file, args, env } = program.start({ port, folder: folder.path, home, credentials })
  const child = spawn(file, args, { cwd: folder.path, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    await end(child)
    process.off('exit', kill)
    await folder.remove()
  }
  try {
    await ready(child, port)
  } catch (cause) {
    await stop()
    throw new Error(`${program.name} did not start`, { cause })
  }
  return { endpoint: `http://127.0.0.1:${port}`, credentials, stop }
}

const STOP_MS = 5000
const START_MS = 45_000
const POLL_MS = 50

async function end(child: ChildProcess): Promise<void> {
  const hasEnded = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  if (hasEnded()) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exit
  clearTimeout(deadline)
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  child.once('exit', (code, signal) => {
    failure ??= new Error(`it ended with ${code ?? signal}`)
  })
  const deadline = performance.now() + START_MS
  while (!(await answers(port))) {
    if (failure) throw failure
    if (performance.now() > deadline) throw new Error('it takes no connections')
    await delay(POLL_MS)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Free a moment ago, which has to do: these programs cannot say which port they were given. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

function word(): string {
  return `LADING${randomBytes(8).toString('hex').toUpperCase()}`
}
