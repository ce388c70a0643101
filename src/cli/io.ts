import type { Emit, Run } from '../index.ts'

/** A stream as far as the command needs one; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** Width in characters. 0 and undefined: unknown. */
  readonly columns?: number | undefined
  /** False once nobody reads it any more. @default true */
  readonly isRead?: boolean | undefined
}

/** Where a person's answers come from; `process.stdin` is one. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }

/** The world of one command: everything it reads and writes besides files and the store. */
export interface CliIo {
  readonly stdout: Output
  readonly stderr: Output
  /** Opened only by who asks questions. @default nobody answers */
  readonly stdin?: (() => Input) | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute. */
  readonly cwd: string
  /** Stops the command. A reason with a number `exitCode` decides the exit code. */
  readonly signal?: AbortSignal | undefined
  /** Hears what happens beside the command. */
  readonly hear?: Emit | undefined
  /** Is told the folders that a command publishes, or fills, once they are known; may refuse them. */
  readonly fills?: ((folders: readonly string[]) => void) | undefined
  /** Handed to the core as it is: stores, clock and randomness of tests. */
  readonly run?: Partial<Run> | undefined
}

/** What commander read from the line. Names are those of `options.ts`. */
export type Flags = Readonly<Record<string, unknown>>

/** What a command file's `run` gets. */
export interface CommandInput {
  readonly args: readonly string[]
  readonly flags: Flags
  readonly io: CliIo
  /** The words of the line after the command's name, for messages that repeat it. */
  readonly words: readonly string[]
}

export interface CommandModule {
  /** Ends with the exit code; failures are thrown. */
  run(input: CommandInput): Promise<number>
}
