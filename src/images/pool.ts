import { availableParallelism } from 'node:os'
import { LadingError } from '../words/errors.ts'
import { type Decoder, type DecoderOptions, startDecoder } from './decoder.ts'
import { IMAGE_LIMITS, type ImageLimits } from './plan/limits.ts'
import { requireSharp } from './sharp.ts'
import type {
  Answer,
  DrawnIcons,
  IconsRequest,
  ImageFacts,
  LookRequest,
  Rendered,
  RenderRequest,
  Request,
} from './wire.ts'

/** Images, and bytes of memory, after which a child is replaced: decoders may leak. */
const RECYCLE_ITEMS = 500
const RECYCLE_BYTES = 700_000_000

/** Timeout for reading a header, in seconds: milliseconds are usual, this is for overloaded machines. */
const LOOK_SECONDS = 20

/** Failed starts in a row before the machine is blamed. */
const STARTS = 2

export interface PoolOptions {
  /** Children at once. @default the cores of this machine */
  readonly size?: number | undefined
  /** @default {@link IMAGE_LIMITS} */
  readonly limits?: Partial<ImageLimits> | undefined
  /** See `DecoderOptions.child`: for packages that lay out the files differently. */
  readonly child?: string | undefined
  /** See `DecoderOptions.startSeconds`. */
  readonly startSeconds?: number | undefined
  /** Kills all children; pending calls reject with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** How long an image is waited for. */
export interface Patience {
  /** Wall-clock limit; then the child is killed, and a timeout is the answer. */
  readonly seconds: number
  /** Kills its child; the call rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Killable processes that decode and encode. One that dies takes down only the image that it was at. */
export interface RenderPool {
  readonly size: number
  readonly limits: ImageLimits
  /** The header of an image. */
  look(request: Omit<LookRequest, 'kind' | 'limits'>, signal?: AbortSignal): Promise<Answer<ImageFacts>>
  render(request: Omit<RenderRequest, 'kind' | 'limits'>, patience: Patience): Promise<Answer<Rendered>>
  icons(request: Omit<IconsRequest, 'kind' | 'limits'>, patience: Patience): Promise<Answer<DrawnIcons>>
  /** Kills all and waits for their ends. */
  close(): Promise<void>
}

/**
 * Nothing is started before the first image.
 * @throws E_MISSING_PACKAGE
 */
export function createRenderPool(options: PoolOptions = {}): RenderPool {
  if (options.child === undefined) requireSharp()
  const { size = availableParallelism(), signal } = options
  const limits = { ...IMAGE_LIMITS, ...options.limits }
  const rooms = createRooms(size, { ...options, limits })
  const ask = (request: Request, { seconds, signal: own }: Patience) =>
    rooms.use({ own, bytes: request.bytes }, async (decoder) => {
      const answer = await decoder.ask(request, seconds)
      own?.throwIfAborted()
      return answer
    })
  const onAbort = (): void => void rooms.close()
  signal?.addEventListener('abort', onAbort, { once: true })
  // the casts are safe: the kind of answer follows from the kind of request
  return {
    size,
    limits,
    look: async (request, own) =>
      (await ask({ kind: 'look', limits, ...request }, { seconds: LOOK_SECONDS, signal: own })) as Answer<ImageFacts>,
    render: async (request, patience) =>
      (await ask({ kind: 'render', limits, ...request }, patience)) as Answer<Rendered>,
    icons: async (request, patience) =>
      (await ask({ kind: 'icons', limits, ...request }, patience)) as Answer<DrawnIcons>,
    close: async () => {
      signal?.removeEventListener('abort', onAbort)
      await rooms.close()
    },
  }
}

interface Rooms {
  use<T>(wish: Wish, deed: (decoder: Decoder) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Wish {
  /** Ends the child, whether it is at work or not even ready. */
  readonly own: AbortSignal | undefined
  /** The image's bytes: a child that has them already is preferred. */
  readonly bytes: Uint8Array
}

/** Idle children, and a FIFO queue of callers that wait for one. */
function createRooms(size: number, { signal, ...options }: DecoderOptions & Pick<PoolOptions, 'signal'>): Rooms {
  const idle: Decoder[] = []
  const all = new Set<Decoder>()
  const waiting: (() => void)[] = []
  let busy = 0
  const taken = (bytes: Uint8Array): Decoder => {
    const holder = idle.findIndex((each) => each.isAlive && each.holds(bytes))
    const [held] = holder === -1 ? [] : idle.splice(holder, 1)
    if (held) return held
    // Longest idle first: the last one has the image that is most likely to be asked about next.
    for (let found = idle.shift(); found !== undefined; found = idle.shift()) if (found.isAlive) return found
    const started = startDecoder(options)
    all.add(started)
    return started
  }
  const leave = async (decoder: Decoder): Promise<void> => {
    if (isWorn(decoder)) {
      await decoder.end()
      all.delete(decoder)
    } else idle.push(decoder)
  }
  return {
    use: async ({ own, bytes }, deed) => {
      if (busy >= size) await new Promise<void>((resolve) => waiting.push(resolve))
      else busy += 1
      try {
        // a caller that waited through an abort starts no process
        signal?.throwIfAborted()
        const done = await withReady({ taken: () => taken(bytes), leave, own }, deed)
        signal?.throwIfAborted()
        return done
      } finally {
        const next = waiting.shift()
        // the slot goes directly to the next waiter, so that no newcomer overtakes it
        if (next) next()
        else busy -= 1
      }
    },
    close: async () => {
      await Promise.all([...all].map((decoder) => decoder.end()))
      all.clear()
    },
  }
}

interface Children {
  readonly taken: () => Decoder
  readonly leave: (decoder: Decoder) => Promise<void>
  readonly own: AbortSignal | undefined
}

/** One child that hangs before it is ready says nothing of the image; if the next one hangs too, none will start. */
async function withReady<T>({ taken, leave, own }: Children, deed: (decoder: Decoder) => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= STARTS; attempt++) {
    own?.throwIfAborted()
    const decoder = taken()
    const end = (): void => void decoder.end()
    own?.addEventListener('abort', end, { once: true })
    try {
      const isStarted = await decoder.started()
      own?.throwIfAborted()
      if (isStarted) return await deed(decoder)
    } finally {
      own?.removeEventListener('abort', end)
      await leave(decoder)
    }
  }
  throw new LadingError('E_TIMEOUT', 'the processes that decode images do not start', {
    why: `${STARTS} in a row were killed because they were not ready in time`,
    hint: 'Is the machine overloaded? Whether sharp hangs while it is loaded, this shows: node -e "import(\'sharp\')"',
    retryable: true,
  })
}

const isWorn = ({ isAlive, items, rss }: Decoder): boolean => !isAlive || items >= RECYCLE_ITEMS || rss > RECYCLE_BYTES
