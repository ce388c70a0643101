import { styleText } from 'node:util'
import type { CliIo, Output } from './io.ts'

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

interface Glyphs {
  readonly ok: string
  readonly fail: string
  readonly warn: string
  readonly arrow: string
  readonly full: string
  readonly empty: string
  readonly ellipsis: string
  readonly spinner: readonly string[]
}

const UNICODE: Glyphs = {
  ok: '✔',
  fail: '✖',
  warn: '!',
  arrow: '→',
  full: '█',
  empty: '░',
  ellipsis: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

const ASCII: Glyphs = {
  ok: 'ok',
  fail: 'x',
  warn: '!',
  arrow: '->',
  full: '#',
  empty: '.',
  ellipsis: '...',
  spinner: ['|', '/', '-', '\\'],
}

/** One output stream with what is known of whoever reads it. */
export interface Terminal {
  write(text: string): void
  /** 0 when unknown. */
  readonly columns: number
  /** Columns that a line of text may have: those of a terminal that somebody looks at, elsewhere Infinity. */
  readonly lineWidth: number
  /** Whether a line may be drawn again and again. */
  readonly isLive: boolean
  readonly glyphs: Glyphs
  /** Colour is only ever added to words that say the same without it. */
  style(format: Format, text: string): string
}

export interface TerminalOptions {
  readonly env: CliIo['env']
  /** False after `--no-color`. @default true */
  readonly color?: boolean | undefined
}

export function createTerminal(output: Output, { env, color = true }: TerminalOptions): Terminal {
  const hasColor = color && wantsColor(output, env)
  const columns = Math.max(0, Math.floor(output.columns ?? 0))
  const isDumb = env.TERM === 'dumb'
  const isLooked = output.isTTY === true && !env.CI
  return {
    write: (text) => {
      output.write(text)
    },
    get columns() {
      return Math.max(0, Math.floor(output.columns ?? 0))
    },
    get lineWidth() {
      return (isLooked && Math.floor(output.columns ?? 0)) || Number.POSITIVE_INFINITY
    },
    isLive: isLooked && columns > 0 && !isDumb,
    glyphs: isUtf8(env) ? UNICODE : ASCII,
    // Decided above, per stream; Node's own check looks at process.stdout only.
    style: (format, text) => (hasColor ? styleText(format, text, { validateStream: false }) : text),
  }
}

/** https://no-color.org/ (set and not empty), https://force-color.org/, which takes precedence. */
function wantsColor(output: Output, env: CliIo['env']): boolean {
  const forced = env.FORCE_COLOR
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  if (env.NO_COLOR || env.TERM === 'dumb') return false
  return output.isTTY === true
}

function isUtf8(env: CliIo['env']): boolean {
  if (process.platform === 'win32') return Boolean(env.WT_SESSION || env.TERM_PROGRAM)
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
}
