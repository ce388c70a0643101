import { maskAddress, shellWord } from '../index.ts'
import type { CliIo } from './io.ts'
import { placesIn, program } from './next-line.ts'
import { calledRow } from './plain-line.ts'
import { COMMANDS } from './rows.ts'

/**
 * A hint that ends with one of our commands, the places of the line that it answers added to it. The core does not know
 * what was written in that line and what in the configuration.
 */
export function placed(hint: string, argv: readonly string[], env: CliIo['env'] = {}): string {
  const [, before, found] = /^((?:.*[:,] )?)lading ([a-z][^:]*[^.:])$/s.exec(hint) ?? []
  const written = found && asCalled(found, argv)
  const row = written === undefined ? undefined : calledRow(written.split(' '), COMMANDS)
  if (row === undefined || written?.includes(' --to ')) return hint
  const places = placesIn(argv, row.options)
  // a line that is refused may hold a secret
  if (places.some((word) => maskAddress(word) !== word)) return hint
  return [`${before}${program(env)} ${written}`, ...places.map(shellWord)].join(' ')
}

/** The core offers another folder to `sync`; whoever only plans or estimates is not led to deploy it. */
function asCalled(command: string, argv: readonly string[]): string {
  const row = calledRow(argv, COMMANDS)
  if (!row?.args.startsWith('[root]')) return command
  return command.replace(/^sync (?=[^-\s]\S*$)/, `${row.name} `)
}
