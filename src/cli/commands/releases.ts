import { existsSync } from 'node:fs'
import { printable, type ReleaseInfo, releases, resolveStore, type StoreOptions } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { RELEASES_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { io } = input
  const { config, sources } = await loadFor(input, RELEASES_OPTIONS)
  const store = resolveStore(config, { cwd: io.cwd, env: io.env, sources })
  const found = await releases(store, runOf(io))
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(found.map((release) => jsonData('release', release)).join('') + jsonEnd)
  else if (found.length > 0) out.write(table(found))
  else if (!isQuiet) err.write(nothing(store))
  return 0
}

/** A folder that does not exist was perhaps mistyped, which "nothing yet" would hide. */
function nothing({ target, state = target }: Pick<StoreOptions, 'target' | 'state'>): string {
  const isMissing = state.kind === 'folder' && !existsSync(state.path)
  return `Nothing was published here yet.\n${isMissing ? `There is no folder ${printable(state.path)}.\n` : ''}`
}

const HEAD = ['', 'release', 'channel', 'published', 'mode', 'objects', 'pages', 'url']

/** The live release of each channel says so in words. */
function table(found: readonly ReleaseInfo[]): string {
  const rows = found.map((release) => [
    release.live ? 'live' : '',
    release.id,
    release.channel,
    release.createdAt.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC'),
    release.mode,
    String(release.files),
    String(release.pages),
    release.url ?? '',
  ])
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[HEAD, ...rows].map(line).join('\n')}\n`
}
