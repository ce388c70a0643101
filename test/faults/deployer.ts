import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { HistoryOptions, LadingConfig, Summary } from '../../src/index.ts'

interface Terms {
  readonly env: Readonly<Record<string, string>>
  readonly leaseMs?: number
  /** Events to be told of, by type. */
  readonly tells?: readonly string[]
}

/** A deploy or a rollback, by its configuration. */
export interface Job extends Terms {
  readonly deed?: 'sync' | 'rollback'
  readonly config: LadingConfig
  readonly cwd: string
}

export interface CopyJob extends Terms {
  readonly deed: 'copy'
  readonly from: HistoryOptions
  readonly to: HistoryOptions
}

/** What a job came to: a summary, an error, or nothing when the process was killed. */
export interface Ended {
  readonly summary?: Summary
  readonly error?: { readonly code: string; readonly message: string; readonly exit: number; readonly stack: string }
  readonly signal?: NodeJS.Signals
}

/** A process of its own that deploys when it is told to. */
export interface Deployer {
  readonly child: ChildProcess
  run(job: Job | CopyJob, onEvent?: (event: { readonly type: string }) => void): Promise<Ended>
  end(): Promise<void>
}

interface Message extends Ended {
  readonly ready?: boolean
  readonly event?: { readonly type: string }
}

/** Starts a process and waits until it has loaded everything. */
export async function startDeployer(): Promise<Deployer> {
  const child = fork(join(import.meta.dirname, 'runner.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  return {
    child,
    run: (job, onEvent = () => undefined) =>
      new Promise((resolve) => {
        const heard = (message: Message): void => {
          if (message.event !== undefined) onEvent(message.event)
          else finish(message)
        }
        const exited = (_code: number | null, signal: NodeJS.Signals | null): void =>
          finish(signal === null ? {} : { signal })
        const finish = (ended: Ended): void => {
          child.off('message', heard).off('exit', exited)
          resolve(ended)
        }
        child.on('message', heard).on('exit', exited)
        child.send(job)
      }),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Processes that are ready before they are needed. */
export interface Crew {
  take(): Promise<Deployer>
  end(): Promise<void>
}

export function hireCrew(size: number): Crew {
  const waiting: Promise<Deployer>[] = Array.from({ length: size }, startDeployer)
  return {
    take() {
      waiting.push(startDeployer())
      return waiting.shift() ?? startDeployer()
    },
    async end() {
      for (const deployer of await Promise.all(waiting.splice(0))) await deployer.end()
    },
  }
}
