import { runCli } from './run.ts'

/** What a shell reports for a process that a signal ended: 128 + the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** How long open handles may outlive the command before the process ends anyway, in milliseconds. */
const LINGER_MS = 2000

/** The command as a process: its streams, signals and exit code. */
export async function runProcess(): Promise<void> {
  const controller = new AbortController()
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      // Asked twice, it goes at once.
      if (controller.signal.aborted) process.exit(exitCode)
      controller.abort(Object.assign(new Error(`stopped by ${name}`), { name: 'AbortError', exitCode }))
    })
  }
  endQuietlyWithoutReader(process.stdout)
  endQuietlyWithoutReader(process.stderr)
  // The SDK prints eight lines about its own plans at every start otherwise; our floor is documented.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

  process.exitCode = await runCli(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
  })
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

/** `lading plan | head -1` closes the pipe; that is how a reader says that it has enough. */
function endQuietlyWithoutReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (stream === process.stdout) process.exit(0)
  })
}
