import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { LadingError } from '../words/errors.ts'
import { createAwakeClock } from './awake.ts'
import { openScale, type Scale } from './memory.ts'
import type { ImageLimits } from './plan/limits.ts'
import { noSharp } from './sharp.ts'
import type { Answer, ImageFailure, Product, Reply, Request, Sent } from './wire.ts'

/** How often a busy child's time and memory are looked at, in milliseconds: an encoder takes some hundred megabytes in a second. */
const WATCH_MS = 50

/** A start takes a fraction of a second; this is for overloaded machines and hanging loaders. */
const START_SECONDS = 60

/**
 * A child's whole environment: settings of glibc's malloc. Images allocate and free large blocks all the time; by
 * default each is mapped anew and zeroed page by page, in as many arenas as there are threads. Measured: saves 1/14 of
 * the CPU and 2/5 of the memory. Other C libraries ignore them.
 * https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(64 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(128 * 1024 * 1024),
}

export interface DecoderOptions {
  readonly limits: ImageLimits
  /** The file that a child runs. @default the one beside this */
  readonly child?: string | undefined
  /** How long a child may take before it is ready. @default 60 */
  readonly startSeconds?: number | undefined
}

/** One child process, and one request at a time. */
export interface Decoder {
  /** Images that it has processed. */
  readonly items: number
  /** In bytes, when last looked at. */
  readonly rss: number
  readonly isAlive: boolean
  /** Whether it already has the bytes of this image, so that they need not be sent again. */
  holds(bytes: Uint8Array): boolean
  /** Resolves when it is ready or has died; to `false` after a timeout, which kills it. */
  started(): Promise<boolean>
  /**
   * Never rejects for what an image does: a child that is killed or dies is an answer.
   * @throws E_MISSING_PACKAGE when sharp cannot be loaded there
   */
  ask(request: Request, seconds: number): Promise<Answer<Product>>
  /** Kills it and waits for its end. */
  end(): Promise<void>
}

/** Starts a child. It gets an environment of its own: neither credentials nor anything else that is ours. */
export function startDecoder({ limits, child: file, startSeconds = START_SECONDS }: DecoderOptions): Decoder {
  const child = fork(file ?? fileURLToPath(new URL('./child.js', import.meta.url)), [], {
    env: ENVIRONMENT,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const scale = openScale(child.pid ?? 0)
  const state: State = {
    ...{ child, limits, scale, items: 0, rss: 0, atRest: 0, isAlive: true },
    held: undefined,
    settle: undefined,
    ready: undefined,
  }
  child.on('message', (reply: Reply) => hear(state, reply)) // it runs our own file
  child.on('error', () => died(state)) // it could not be started, or spoken to
  child.on('exit', () => died(state))
  state.ready = readyInTime(state, startSeconds)
  return {
    get items() {
      return state.items
    },
    get rss() {
      return state.rss
    },
    get isAlive() {
      return state.isAlive
    },
    holds: (bytes) => state.held?.deref() === bytes,
    started: async () => (await state.ready) !== 'late',
    ask: (request, seconds) => ask(state, request, seconds),
    end: () => end(state),
  }
}

type Heard = Answer<Product> | 'ready' | 'late' | { readonly unusable: string }

interface State {
  readonly child: ChildProcess
  readonly limits: ImageLimits
  readonly scale: Scale
  items: number
  rss: number
  /** Memory before the first image. */
  atRest: number
  isAlive: boolean
  /** The bytes last sent to it. Weak: the child has a copy, so ours may be collected. */
  held: WeakRef<Uint8Array> | undefined
  /** Resolves the pending wait: for the start, or for an answer. */
  settle: ((heard: Heard) => void) | undefined
  ready: Promise<Heard> | undefined
}

/** Has a timeout: a child that hangs during startup would never send anything. */
async function readyInTime(state: State, seconds: number): Promise<Heard> {
  const heard = new Promise<Heard>((resolve) => {
    state.settle = resolve
  })
  const clock = setTimeout(() => {
    state.settle?.('late')
    died(state)
    state.child.kill('SIGKILL')
  }, 1000 * seconds)
  return heard.finally(() => clearTimeout(clock))
}

const CRASHED: ImageFailure = { code: 'E_IMAGE_CRASHED', message: 'the process that decoded it died' }
const failed = (failure: ImageFailure): Answer<never> => ({ ok: false, failure })

function hear(state: State, reply: Reply): void {
  if (reply.kind === 'memory') state.rss = reply.rss
  else if (reply.kind === 'ready') state.settle?.('ready')
  else if (reply.kind === 'unusable') state.settle?.({ unusable: reply.message })
  else state.settle?.(reply.answer)
}

function died(state: State): void {
  state.isAlive = false
  state.scale.close()
  state.settle?.(failed(CRASHED))
}

async function ask(state: State, request: Request, seconds: number): Promise<Answer<Product>> {
  const ready = await state.ready
  if (typeof ready === 'object' && 'unusable' in ready) throw noSharp(ready.unusable)
  if (!state.isAlive) return failed(CRASHED)
  if (state.items === 0) state.atRest = look(state) ?? 0
  const answered = new Promise<Heard>((resolve) => {
    state.settle = resolve
  })
  const watch = watched(state, seconds)
  if (state.isAlive) state.child.send(unsent(state, request), (error) => error !== null && died(state))
  else died(state)
  const heard = await answered
  watch.stop()
  state.items += 1
  look(state)
  if (typeof heard === 'string' || 'unusable' in heard)
    throw new LadingError('E_BUG', 'a rendering process spoke out of turn')
  return heard
}

/** Omits bytes that the child has: an image is looked at and then rendered, mostly by the same child. */
function unsent(state: State, request: Request): Sent {
  if (state.held?.deref() === request.bytes) return { ...request, bytes: undefined }
  state.held = new WeakRef(request.bytes)
  return request
}

function look(state: State): number | undefined {
  const rss = state.scale.read()
  state.rss = rss ?? state.rss
  return rss
}

/**
 * Kills the child when it exceeds its time or memory. The failure is the answer at once, without waiting for its exit.
 */
function watched(state: State, seconds: number): { stop(): void } {
  const kill = (failure: ImageFailure): void => {
    state.isAlive = false
    state.settle?.(failed(failure))
    state.child.kill('SIGKILL')
  }
  const awakeMs = createAwakeClock()
  const watch = setInterval(() => {
    if (awakeMs() >= 1000 * seconds && state.isAlive) {
      kill({ code: 'E_IMAGE_TIMEOUT', message: `it took longer than ${Math.round(seconds)} s` })
    }
    look(state)
    const taken = state.rss - state.atRest
    if (taken <= state.limits.memoryBytes || !state.isAlive) return
    const most = Math.round(state.limits.memoryBytes / 1024 / 1024)
    kill({ code: 'E_IMAGE_MEMORY', message: `it took more than ${most} MiB of memory` })
  }, WATCH_MS)
  return { stop: () => clearInterval(watch) }
}

async function end(state: State): Promise<void> {
  const { child } = state
  state.isAlive = false
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
