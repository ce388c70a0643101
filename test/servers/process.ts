import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** How to start a program that serves HTTP. */
export interface Start {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A process that serves. */
export interface Process {
  /** Returns when it is gone. One that does not mind the signal is killed. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

const STOP_MS = 5000
const START_MS = 45_000
const POLL_MS = 50

/** Starts the program in the folder and returns when it serves on that port of loopback. It ends with this process. */
export async function startProcess(
  { file, args, env }: Start,
  { folder, port }: { readonly folder: string; readonly port: number },
): Promise<Process> {
  const child = spawn(file, args, { cwd: folder, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop: Process['end'] = async (signal) => {
    await end(child, signal)
    process.off('exit', kill)
  }
  try {
    await ready(child, port)
  } catch (error) {
    await stop('SIGKILL')
    throw error
  }
  return { end: stop }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const hasEnded = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  if (hasEnded()) return
  const exit = once(child, 'exit')
  child.kill(signal)
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
  while (!(await serves(port))) {
    if (failure) throw failure
    if (performance.now() > deadline) throw new Error('it does not serve')
    await delay(POLL_MS)
  }
  // It was somebody else who answered.
  if (failure) throw failure
}

/** Taking connections is not enough: some say 503 until they have read their disk. That we may not list is an answer. */
async function serves(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(STOP_MS) })
    await answer.body?.cancel()
    return answer.status < 500
  } catch {
    return false
  }
}

/** Below those that the system gives to whoever asks for any, so that nobody gets one between here and the start. */
const PORTS = { first: 10_000, count: 20_000 }

/** Free a moment ago, which has to do: these programs cannot say which port they were given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return port
  }
}
