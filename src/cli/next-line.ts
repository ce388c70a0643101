import { shellWord } from '../index.ts'
import type { CliIo } from './io.ts'
import type { OptionRow } from './option-rows.ts'

/** What npx and `pnpm exec` run is on no path. */
export function program({ npm_command: command, npm_config_user_agent: runner }: CliIo['env']): string {
  if (command !== 'exec') return 'lading'
  return runner?.startsWith('pnpm') ? 'pnpm exec lading' : 'npx lading'
}

/** A line for a shell, its words quoted where they have to be. */
export function shellLine(command: string, words: readonly string[], env: CliIo['env'] = {}): string {
  return [`${program(env)} ${command}`, ...words.map(shellWord)].join(' ')
}

/** Those words of a line that say where things are, as far as a command with these options takes them too. */
export function placesIn(words: readonly string[], options: readonly OptionRow[]): string[] {
  const places = options.filter(({ key, flags }) => key !== undefined || /^--(?:config|queues) /.test(flags))
  const takesValue = new Map(places.map(({ flags }) => [flags.split(' ')[0], flags.includes('<')]))
  return words.flatMap((word, index) => {
    const value = takesValue.get(word) ? words.slice(index + 1, index + 2) : []
    return takesValue.has(word.split('=')[0]) ? [word, ...value] : []
  })
}
