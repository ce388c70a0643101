import { type ReleaseInfo, releases, resolveStore } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { nothingPublished } from '../nothing-published.ts'
import { RELEASES_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { table } from '../reporters/table.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { io } = input
  const { config, sources } = await loadFor(input, RELEASES_OPTIONS)
  const store = resolveStore(config, { cwd: io.cwd, env: io.env, sources })
  const found = await releases(store, runOf(io))
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(found.map((release) => jsonData('release', release)).join('') + jsonEnd)
  else if (found.length > 0) out.write(table(HEAD, found.map(rowOf)))
  else if (!isQuiet) err.write(nothingPublished(store))
  return 0
}

const HEAD = ['', 'release', 'channel', 'published', 'mode', 'objects', 'pages', 'url', '']

/** The live release of each channel says so in words. */
function rowOf(release: ReleaseInfo): string[] {
  return [
    release.live ? 'live' : release.published ? '' : 'unpublished',
    release.id,
    release.channel,
    release.createdAt.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC'),
    release.mode,
    String(release.files),
    String(release.pages),
    release.url ?? '',
    release.restores === undefined ? '' : `rolled back to ${release.restores}`,
  ]
}
