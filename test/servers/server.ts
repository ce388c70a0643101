import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ProbedFacts } from '../../src/store/store.ts'
import { type TemporaryFolder, temporaryFolder } from '../rig/sites.ts'
import { freePort, type Start, startProcess } from './process.ts'

/** A program that somebody else wrote, as `scripts/servers.sh` installs it. */
export interface Startable {
  readonly name: string
  start(place: Place): Start
}

/** One that speaks S3. */
export interface Program extends Startable {
  /** Rows on a page of its listings. */
  readonly pageSize: number
  /** Headers that it does not store, although it says 200. */
  readonly forgets: readonly string[]
  /** What the profiles call a host of it, if they know it. */
  readonly host?: string
  /** What the probe finds out about it. */
  readonly facts: ProbedFacts
  /** Whether what it stored outlives its process. */
  readonly isDurable: boolean
}

interface Place extends Required<StartOptions> {
  /** Where the program was installed. */
  readonly home: string
}

type Credentials = Readonly<Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>>

const FORGOTTEN: readonly string[] = ['cache-control', 'content-language']

/** None of them looks at a condition on the target of a copy. */
const AS_S3: ProbedFacts = {
  conditionalWrites: 'full',
  conditionalCopy: false,
  conditionalSource: true,
  conditionalRemove: true,
  checksum: 'sha256',
  etagIsMd5: true,
  reheader: true,
  forgets: [],
}

/** They copy whatever lies there. */
const DEAF_COPIES = { conditionalSource: false } as const

const MOTO_IN_TURN = join(import.meta.dirname, 'in_turn.py')

export const PROGRAMS: readonly Program[] = [
  {
    // A gateway for production. Objects are files, headers their extended attributes; signatures are verified.
    name: 'versitygw',
    pageSize: 1000,
    forgets: [],
    facts: { ...AS_S3, reheader: false },
    isDurable: true,
    start: ({ port, folder, home, credentials }) => ({
      file: join(home, 'versitygw'),
      args: ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', folder],
      env: { ROOT_ACCESS_KEY: credentials.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: credentials.AWS_SECRET_ACCESS_KEY },
    }),
  },
  {
    // A store for production. Objects are folders with a journal of their own; signatures are verified.
    name: 'minio',
    host: 'minio.test',
    pageSize: 1000,
    forgets: [],
    facts: { ...AS_S3, conditionalRemove: false },
    isDurable: true,
    start: ({ port, folder, home, credentials }) => ({
      file: join(home, 'minio'),
      // Certificates in the user's home would make it speak TLS.
      args: ['server', '--quiet', '--address', `127.0.0.1:${port}`, '--certs-dir', join(folder, 'certs'), folder],
      env: {
        MINIO_ROOT_USER: credentials.AWS_ACCESS_KEY_ID,
        MINIO_ROOT_PASSWORD: credentials.AWS_SECRET_ACCESS_KEY,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
    }),
  },
  {
    // In memory; `rclone serve s3` is built on a fork of it.
    name: 'gofakes3',
    pageSize: 1000,
    forgets: FORGOTTEN,
    facts: { ...AS_S3, ...DEAF_COPIES, conditionalRemove: false, checksum: 'md5', reheader: false, forgets: FORGOTTEN },
    isDurable: false,
    start: ({ port, home }) => ({
      file: join(home, 'gofakes3'),
      args: ['-backend', 'memory', '-host', `127.0.0.1:${port}`, '-quiet'],
    }),
  },
  {
    // In memory.
    name: 'moto',
    pageSize: 4,
    forgets: [],
    // It looks at no checksum at all.
    facts: { ...AS_S3, ...DEAF_COPIES, checksum: 'md5' },
    isDurable: false,
    start: ({ port, folder, home }) => ({
      file: join(home, 'bin/python'),
      args: [MOTO_IN_TURN, '-H', '127.0.0.1', '-p', `${port}`],
      env: { MOTO_S3_DEFAULT_MAX_KEYS: '4', LADING_CLOCK: clockIn(folder) },
    }),
  },
]

/** Where a program in that folder reads the time of its queues, if the file is there: milliseconds since 1970. */
export const clockIn = (folder: string): string => join(folder, 'clock')

const HOME = resolve(
  process.env.LADING_SERVERS ?? join(import.meta.dirname, '../../node_modules/.cache/lading-servers'),
)

/** Where `scripts/servers.sh` put the program; `undefined` when it is not installed. */
export function homeOf({ name }: Startable): string | undefined {
  const folders = existsSync(HOME) ? readdirSync(HOME) : []
  const folder = folders.find((found) => found.startsWith(`${name}-`) && !found.endsWith('.part'))
  return folder && join(HOME, folder)
}

/** A missing server is skipped in sight, unless the environment says that all have to be there. */
export const REQUIRED: boolean = process.env.LADING_REQUIRE_SERVERS === '1'

/** What is not said is new. A server that ended is one of these: started with it, a durable program goes on. */
export interface StartOptions {
  /** Where it keeps its objects. A folder that was given stays when the server ends. */
  readonly folder?: string
  readonly port?: number
  readonly credentials?: Credentials
}

export interface Server extends Required<StartOptions> {
  readonly endpoint: string
  /** Ends the process, in good order or at once, and then takes a folder away that was not given. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Starts the program on a port of loopback and returns when it serves. */
export async function startServer(program: Startable, options: StartOptions = {}): Promise<Server> {
  const home = homeOf(program)
  if (home === undefined) throw new Error(`${program.name} is not installed: scripts/servers.sh`)
  const port = options.port ?? (await freePort())
  const credentials = options.credentials ?? { AWS_ACCESS_KEY_ID: word(), AWS_SECRET_ACCESS_KEY: word() + word() }
  const { path: folder, remove } = options.folder === undefined ? await temporaryFolder() : given(options.folder)
  try {
    const running = await startProcess(program.start({ port, folder, home, credentials }), { folder, port })
    const stop: Server['stop'] = async (signal = 'SIGTERM') => {
      await running.end(signal)
      await remove()
    }
    return { folder, port, credentials, endpoint: `http://127.0.0.1:${port}`, stop }
  } catch (cause) {
    await remove()
    throw new Error(`${program.name} did not start`, { cause })
  }
}

function given(path: string): TemporaryFolder {
  return { path, remove: async () => {} }
}

function word(): string {
  return `LADING${randomBytes(8).toString('hex').toUpperCase()}`
}
