// The servers that all clients are measured against: new for each client and round, on this machine, in memory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerFolder, serverFolder } from './installed.mjs'
import { BUCKET } from './peers.mjs'

export const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'benchsecretbenchsecret' }

/** A file system in memory, where the system has one. */
const MEMORY = process.platform === 'linux' ? '/dev/shm' : tmpdir()
/** What the kernel counts CPU time in. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK_MS = 10

const COMMANDS = {
  s3d: ({ home, port, latencyMs }) => [join(home, 's3d'), '--port', `${port}`, '--delay', `${latencyMs}`],
  versitygw: ({ home, port, folder }) => [
    ...[join(home, 'versitygw'), '--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', folder],
  ],
}

/** @returns {{ path: string, version: string } | undefined} where a server is installed */
export const installedServer = (name) => (name === 's3d' ? peerFolder(name) : serverFolder(name))

/** @returns {Promise<Server>} one that has the bucket and nothing in it */
export async function startServer(name, latencyMs) {
  const { path: home } = installedServer(name)
  const port = await freePort()
  const folder = mkdtempSync(join(MEMORY, 'lading-bench-'))
  if (name !== 's3d') mkdirSync(join(folder, BUCKET))
  const [file, ...args] = COMMANDS[name]({ home, port, latencyMs, folder })
  const env = {
    PATH: process.env.PATH,
    ROOT_ACCESS_KEY: KEYS.AWS_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: KEYS.AWS_SECRET_ACCESS_KEY,
  }
  const child = spawn(file, args, { env, cwd: folder, stdio: 'ignore' })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const endpoint = `http://127.0.0.1:${port}`
  await untilAnswered(endpoint, child)
  if (name === 's3d') await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' })
  return {
    endpoint,
    cpuMs: () => cpuOf(child.pid),
    /** What was asked since this was asked last, by operation; `undefined` where the server does not count. */
    counts: async () => (name === 's3d' ? (await fetch(`${endpoint}/__stats`)).json() : undefined),
    async stop() {
      const exit = once(child, 'exit')
      kill()
      await exit
      process.off('exit', kill)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** User and system time of a process, its threads included. */
function cpuOf(pid) {
  // The second field is the program's name in parentheses, which may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Waits until a process answers, whatever it says. */
export async function untilAnswered(endpoint, child) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    try {
      await (await fetch(endpoint)).arrayBuffer()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`nothing answers at ${endpoint}`)
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
