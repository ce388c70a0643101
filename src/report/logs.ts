import { createReadStream, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { addAbortSignal, PassThrough, pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { codeOf } from '../words/system-error.ts'
import type { LogEntry, LogFormat } from './entry.ts'
import { createReader } from './formats.ts'
import { HEAD, PackedLog, packedAs, withoutMark } from './packed.ts'

/** What was read of one file. */
export interface LogFacts {
  readonly path: string
  /** Lines that are requests. */
  readonly requests: number
  /** Lines that are none by their format. */
  readonly notes: number
  /** Lines that could not be read, and the numbers of the first ones. */
  readonly unreadable: number
  readonly unreadableAt: readonly number[]
  /** Why the file, or the rest of it, could not be read. */
  readonly trouble: string | undefined
}

export interface ReadLogOptions {
  /** @default told from the first line that is of one */
  readonly format?: LogFormat | undefined
  readonly add: (entry: LogEntry) => void
  /** Called with each piece that was read, as it lies on the disk. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Read at once, in bytes. */
const PIECE = 1 << 20
/** No server writes a longer line; of one only its number is known. */
const MAX_LINE = 1 << 16
/** Numbers of unreadable lines that are kept. */
const NUMBERS = 3

/** Reads a log, plain or compressed by gzip, line by line. What cannot be read is counted; it throws only when told to stop. */
export async function readLog(path: string, options: ReadLogOptions): Promise<LogFacts> {
  const { format, add, signal } = options
  const parse = createReader(format)
  let [requests, notes, lines] = [0, 0, 0]
  const unreadableAt: number[] = []
  let unreadable = 0
  const lineEnds = createSplitter((line) => {
    lines += 1
    const parsed = line === undefined ? undefined : parse(line)
    if (parsed === 'note') notes += 1
    else if (parsed !== undefined) {
      requests += 1
      add(parsed)
    } else {
      unreadable += 1
      if (unreadableAt.length < NUMBERS) unreadableAt.push(lines)
    }
  })
  let trouble: string | undefined
  try {
    for await (const piece of piecesOf(path, options)) lineEnds.feed(piece)
  } catch (error) {
    signal?.throwIfAborted()
    trouble = error instanceof PackedLog ? error.message : reasonOf(error, lines)
  }
  lineEnds.end(trouble !== undefined)
  return { path, requests, notes, unreadable, unreadableAt, trouble }
}

function reasonOf(error: unknown, lines: number): string {
  const code = codeOf(error)
  if (code === '') throw error // no failure of the system: a mistake of ours
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder that cannot be looked into'
  if (code.startsWith('Z_')) return `the compressed data is damaged or cut off after line ${lines}`
  return `${code} keeps it from being read${lines > 0 ? ` beyond line ${lines}` : ''}`
}

/** The bytes of the log; whether they are compressed is told from the first ones. */
async function* piecesOf(path: string, { onBytes, signal }: ReadLogOptions): AsyncGenerator<Buffer> {
  const source = pieces(path, onBytes, signal)
  let head = Buffer.alloc(0)
  for (let next = await source.next(); !next.done; next = await source.next()) {
    head = Buffer.concat([head, next.value])
    if (head.length >= HEAD) break
  }
  const why = packedAs(head)
  if (why !== undefined) throw new PackedLog(why)
  const whole = (async function* () {
    yield withoutMark(head)
    yield* source
  })()
  if (head[0] !== 0x1f || head[1] !== 0x8b) yield* whole
  else yield* unpacked(whole)
}

async function* pieces(
  path: string,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  // a file is closed only when the system has answered, which of a pipe whose writer is silent may be never
  const stream = new PassThrough({ highWaterMark: PIECE })
  if (signal !== undefined) addAbortSignal(signal, stream)
  pipeline(createReadStream(path, { highWaterMark: PIECE }), stream, () => undefined)
  for await (const piece of stream) {
    onBytes?.(piece.length)
    yield piece
  }
}

/** Several members behind each other are one log: rotated files are often joined so. */
async function* unpacked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE / 4 })
  // a failure comes out of the stream, too; what lies behind the last member is not read
  pipeline(Readable.from(packed), gunzip, () => undefined)
  const stream: AsyncIterable<Buffer> = gunzip
  yield* stream
}

/** Cuts bytes into lines, each byte one character. A line that is too long is handed on as `undefined`. */
function createSplitter(onLine: (line: string | undefined) => void): {
  feed(piece: Buffer): void
  /** @param isCut the last line is not whole, and is no line then */
  end(isCut: boolean): void
} {
  let held: Buffer | undefined
  let isLong = false

  function hand(bytes: Buffer): void {
    if (isLong || bytes.length > MAX_LINE) onLine(undefined)
    else onLine(bytes.toString('latin1', 0, bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length))
    isLong = false
  }

  return {
    feed(piece) {
      let start = 0
      for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
        const rest = piece.subarray(start, end)
        hand(held === undefined ? rest : Buffer.concat([held, rest]))
        held = undefined
        start = end + 1
      }
      const rest = piece.subarray(start)
      if (isLong || rest.length === 0) return
      held = held === undefined ? Buffer.from(rest) : Buffer.concat([held, rest])
      if (held.length <= MAX_LINE) return
      isLong = true
      held = undefined
    },
    end(isCut) {
      if (!isCut && (isLong || held !== undefined)) hand(held ?? Buffer.alloc(0))
    },
  }
}

/** A log to be read, with its size where that is known. */
export interface FoundLog {
  readonly path: string
  readonly bytes: number
}

/**
 * The files that are named, and those in folders that are named, hidden ones aside; each once. What cannot be looked at
 * is found, too: reading it says why.
 * @param leaveOut a path that is no log, wherever it lies
 */
export function findLogs(paths: readonly string[], leaveOut: string | undefined): readonly FoundLog[] {
  const found = new Map<string, FoundLog>()
  for (const path of paths) {
    const stat = statOf(path)
    const files = stat?.isDirectory() ? filesIn(path).filter((file) => file !== leaveOut) : [path]
    for (const file of files) found.set(file, { path: file, bytes: statOf(file)?.size ?? 0 })
  }
  return [...found.values()]
}

/** Links to files are followed, links to folders are not: they may lead back. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return filesIn(path)
        return entry.isFile() || (entry.isSymbolicLink() && statOf(path)?.isDirectory() !== true) ? [path] : []
      })
  } catch {
    return [folder]
  }
}

/** Of what a link leads to; nothing where that cannot be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
