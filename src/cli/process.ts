import { setMaxListeners } from 'node:events'
import type { CliIo, Output } from './io.ts'
import { isOnlyForReaders, report, runCli } from './run.ts'

/** What a shell reports for a process that a signal ended: 128 + the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** How long open handles may outlive the command before the process ends anyway, in milliseconds. */
const LINGER_MS = 2000

/** The command as a process: its streams, signals and exit code. */
export async function runProcess(): Promise<void> {
  const controller = new AbortController()
  let end = (): void => process.exit()
  setMaxListeners(0, controller.signal) // every request under way listens
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      // A second signal exits at once.
      if (controller.signal.aborted) end()
      end = () => endBy(name, exitCode)
      controller.abort(Object.assign(new Error(`stopped by ${name}`), { name: 'AbortError', exitCode }))
    })
  }
  const argv = process.argv.slice(2)
  let failed: Error | undefined
  const stdout = outputOf(process.stdout, (failure) => {
    failed = failure
    if (isOnlyForReaders(argv)) void codeOf(0).then(exit)
  })
  // Messages that cannot be written stop no deploy.
  const stderr = outputOf(process.stderr, () => undefined)
  // Otherwise the SDK prints eight lines about its supported Node versions at every start; our minimum is documented.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

  /** Where nothing else went wrong, output that could not be written did: after a deploy, which it does not stop. */
  const codeOf = async (code: number): Promise<number> =>
    failed === undefined || code !== 0 ? code : report(await unwritten(failed), argv, io)
  const io: CliIo = {
    stdout,
    stderr,
    stdin: () => process.stdin,
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
  }
  // By default Node prints the source line that threw, which may be of a user's configuration, with all it contains.
  for (const name of ['uncaughtException', 'unhandledRejection']) {
    process.once(name, (error: unknown) => void report(error, argv, io).then((code) => process.exit(code)))
  }
  // Node exits with 0 while awaiting a promise that can no longer settle, for example in a user's configuration.
  const unfinished = (): void => {
    const error = new Error('Nothing is left to wait for, and the command has not come to its end')
    void report(error, argv, io).then((code) => process.exit(code))
  }
  process.once('beforeExit', unfinished)
  process.exitCode = await codeOf(await runCli(argv, io))
  process.off('beforeExit', unfinished)
  setTimeout(() => end(), LINGER_MS).unref()
}

const exit = (code: number): void => process.exit(code)

/** `process.exit` waits for a thread that reads a pipe whose writer is silent; what the signal does by default does not. */
function endBy(signal: string, code: number): void {
  if (!process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) process.exit(process.exitCode ?? code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

async function unwritten(cause: Error): Promise<Error> {
  const { LadingError } = await import('../index.ts')
  const hint = 'Make room there, or send it elsewhere; then run the same command again.'
  return new LadingError('E_WRITE', 'what it prints cannot be written', { why: cause.message, hint, cause })
}

/** The part of a `process.stdout` that is needed here. */
interface Stream extends Output {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/**
 * `lading plan | head -1` closes the pipe; that is how a reader says that it has enough. What is written afterwards is
 * dropped. `onEnd` is called once, with the failure where it is another one: a disk that is full.
 *
 * @internal
 */
export function outputOf(stream: Stream, onEnd: (failure?: Error) => void): Output {
  let isRead = true
  stream.on('error', (error) => {
    if (!isRead) return
    isRead = false
    onEnd(error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' ? undefined : error)
  })
  return {
    write: (text) => !isRead || stream.write(text),
    get isTTY() {
      return stream.isTTY
    },
    get columns() {
      return stream.columns
    },
    get isRead() {
      return isRead
    },
  }
}
