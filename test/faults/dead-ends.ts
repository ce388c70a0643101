import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An address at which nobody answers. */
export interface DeadEnd {
  readonly endpoint: string
  close(): Promise<void>
}

/** How many connections the system keeps for a server that does not take them. */
const BACKLOG = 1

const LISTEN = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: ${BACKLOG} },
  function () { process.stdout.write(String(this.address().port)) })`

/** A server that is stopped: the system still takes connections for it, and nobody ever reads from them. */
export async function startUnaccepting(): Promise<DeadEnd> {
  const { child, port } = await startStopped()
  return { endpoint: `http://127.0.0.1:${port}`, close: () => ended(child) }
}

/** The same when no more connections are taken: what is sent to it vanishes, as in a network without an answer. */
export async function startBlackHole(): Promise<DeadEnd> {
  const { child, port } = await startStopped()
  const sockets: Socket[] = []
  // one more than the backlog, by the system's own way of counting
  for (let count = 0; count <= BACKLOG; count++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    sockets.push(socket)
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await ended(child)
    },
  }
}

async function startStopped(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  return { child, port: Number(port) }
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
