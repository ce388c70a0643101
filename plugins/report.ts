import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { formatBytes, formatDuration, plural, printable } from '../src/build/index.ts'
import { credentialMask, maskText } from '../src/build/masks.ts'
import type { FileEvent, Summary, WarningEvent } from '../src/index.ts'

/** Assets of a list that are shown. */
const SHOWN = 5

/** The events of an upload. */
export interface Heard {
  readonly files: readonly FileEvent[]
  readonly summary: Summary
  /** Where the assets are found. */
  readonly url: string
  /** Where they lie on this machine; absolute. */
  readonly outDir: string
}

/**
 * The lines for a bundler's log, without colours, which could not be stripped later:
 *
 *   3 assets sent (80.1 kB), 21 already there: https://cdn.example.com/ (0.4 s)
 *     assets/ship-B1x.png      48.2 kB                    new
 *     assets/index-Cz2.js      12.1 kB | gzip:    4.0 kB
 *     also new: assets/tides-Q0a.js
 *
 * The largest assets, with their size compressed where they are text. Nothing but the first line when nothing was sent.
 */
export function uploadReport({ files, summary, url, outDir }: Heard): string {
  const { added, kept, bytes, dryRun, ms } = summary
  const verb = dryRun ? 'would be sent' : 'sent'
  const first = `${plural(added, 'asset')} ${verb} (${formatBytes(bytes)}), ${kept} already there: ${url} (${formatDuration(ms)})`
  if (added === 0) return said(first)
  const largest = files.toSorted((a, b) => b.bytes - a.bytes).slice(0, SHOWN)
  const rest = files.filter((file) => isNew(file) && !largest.includes(file))
  const isAllNew = files.every(isNew)
  const width = Math.max(...largest.map((file) => nameOf(file).length))
  const rows = largest.map((file) => {
    const mark = !isAllNew && isNew(file) ? '  new' : ''
    return `${nameOf(file).padEnd(width)}  ${sizes(file, outDir)}${mark}`.trimEnd()
  })
  if (!isAllNew && rest.length > 0) rows.push(`also new: ${listed(rest.map(nameOf), ', ')}`)
  return said([first, ...rows].join('\n  '))
}

const isNew = ({ op }: FileEvent): boolean => op === 'add'

const nameOf = ({ path, key }: FileEvent): string => printable(path ?? key)

/** Text gets smaller on its way; pictures do not. */
const TEXT = /\.(?:js|mjs|css|svg|json|txt|xml|wasm)$/i

function sizes({ path, bytes }: FileEvent, outDir: string): string {
  const gzip = path !== undefined && TEXT.test(path) ? gzipSync(readFileSync(join(outDir, path))).length : undefined
  const small = gzip === undefined ? '' : `| gzip: ${formatBytes(gzip).padStart(9)}`
  return `${formatBytes(bytes).padStart(9)} ${small.padEnd(17)}`
}

/** A warning of the core as one message: the code first, so that it can be looked up and filtered. */
export function warningText({ code, message, items, fix }: Omit<WarningEvent, 'type'>): string {
  const list = items.length === 0 ? '' : `\n  ${listed(items.map(printable), '\n  ')}`
  return said(`${code}: ${printable(message)}${list}${fix === undefined ? '' : `\n  fix: ${printable(fix)}`}`)
}

function listed(names: readonly string[], separator: string): string {
  const more = names.length - SHOWN
  return [...names.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join(separator)
}

/** Names and addresses are foreign input and may contain secrets. */
function said(text: string): string {
  return maskText(credentialMask(process.env)(text))
}
