import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  LadingError,
  openStore,
  resolveStore,
  type ServeOptions,
  serveFolder,
  serveSite,
  serveStore,
} from '../../index.ts'
import type { CliIo, CommandInput } from '../io.ts'
import { isFolder } from '../is-folder.ts'
import { portFlag } from '../port-flag.ts'
import { jsonData } from '../reporters/json.ts'
import { voiceOf } from '../session.ts'
import { untilStopped } from '../stopped.ts'

const DEFAULT_PORT = 8080

export async function run(input: CommandInput): Promise<number> {
  const { io, flags } = input
  const folder = resolve(io.cwd, input.args[0] ?? '')
  if (!isFolder(folder)) {
    if (existsSync(folder)) {
      throw new LadingError('E_ROOT_NOT_DIR', 'this is a file, not a folder', {
        subject: folder,
        hint: `Name the folder it lies in: lading serve ${dirname(folder)}`,
      })
    }
    throw new LadingError('E_ROOT_MISSING', 'there is no such folder to serve', {
      subject: folder,
      hint: 'Give a folder store (what sync wrote to with --to) or a folder that --out wrote.',
    })
  }
  const { isJson, isQuiet, isVerbose, err } = voiceOf(input)
  const options = {
    port: portFlag(flags) ?? DEFAULT_PORT,
    cors: flags.cors === true,
    mount: mountOf(flags.mount),
    ...(isVerbose && { log: (line: string) => err.write(`${line}\n`) }),
  }
  const { what, server } = await start(folder, input, options)
  try {
    if (isJson) io.stdout.write(jsonData('serve', { url: server.url, port: server.port }))
    else if (!isQuiet) {
      err.write(`Serving ${what} at ${server.url} (CORS ${options.cors ? 'on' : 'off'}). Ctrl-C ends it.\n`)
    }
    return await untilStopped(io.signal)
  } finally {
    await server.close()
  }
}

interface Started {
  /** In words. */
  readonly what: string
  readonly server: Awaited<ReturnType<typeof serveStore>>
}

/** A store, a folder, or both of them as one site. */
async function start(folder: string, { io, flags }: CommandInput, options: ServeOptions): Promise<Started> {
  const address = typeof flags.store === 'string' ? flags.store : undefined
  const { mount = '/' } = options
  if (address !== undefined) {
    if (mount === '/') {
      throw new LadingError('E_USAGE', '--store needs --mount', {
        why: 'The folder is served at /, so the store must lie below a path of its own.',
        hint: 'Say the path that the pages name, as in --mount /_a/.',
      })
    }
    const { mount: _, ...rest } = options
    const server = await serveSite({ dir: folder, store: await open(address, io), mount }, rest)
    return { what: `the folder ${folder}, with the store ${address} at ${mount},`, server }
  }
  const isStore = isFolder(join(folder, 'objects')) && isFolder(join(folder, 'meta'))
  if (!isStore) return { what: `the folder ${folder}`, server: await serveFolder(folder, options) }
  return { what: `the store ${folder}`, server: await serveStore(await open(folder, io), options) }
}

const open = (to: string, io: CliIo): ReturnType<typeof openStore> => {
  const { target, ...options } = resolveStore({ to }, { cwd: io.cwd, env: io.env })
  if (target.kind === 'folder' && !isFolder(target.path)) {
    throw new LadingError('E_ROOT_MISSING', 'there is no such store to serve', {
      subject: target.path,
      hint: 'Name what sync wrote to with --to.',
    })
  }
  return openStore(target, options)
}

function mountOf(flag: unknown): string {
  const path = typeof flag === 'string' ? flag : '/'
  if (path.startsWith('/') && !/[?#\\]|\/\//.test(path)) return path.endsWith('/') ? path : `${path}/`
  throw new LadingError('E_USAGE', `--mount "${path}" is not a path`, { hint: 'Write it like /_a/.' })
}
