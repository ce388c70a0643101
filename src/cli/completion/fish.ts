import type { Flag, Offer, Place } from './places.ts'

/** A line for each command, argument and flag, and the condition under which it is offered. */
export function fishScript(places: readonly Place[]): string {
  return `# Completion of lading for fish. In ~/.config/fish/config.fish: lading completion fish | source
function __lading_behind --description 'the line begins with these words'
    set -l words (commandline -opc)
    set -e words[1]
    set -l first $words[1..(count $argv)]
    test "$first" = "$argv"
end
function __lading_next --description 'the line is these words, and the next one is being written'
    set -l words (commandline -opc)
    set -e words[1]
    test "$words" = "$argv"
end
complete -c lading -f
${places.flatMap(placeLines).join('\n')}
`
}

function placeLines({ words, commands, args, flags }: Place): string[] {
  const here = ['__lading_next', ...words].join(' ')
  const behind = ['__lading_behind', ...words].join(' ')
  const isCommand = commands.size === 0
  return [
    ...[...commands].map(([name, summary]) => line(here, `-a ${quoted(name)} -d ${quoted(summary)}`)),
    ...args.flatMap(({ offer }, index) => {
      if (offer === undefined) return []
      return line(index === 0 && typeof offer === 'object' ? here : behind, offering(offer))
    }),
    ...flags.map((flag) => line(isCommand ? behind : here, flagWords(flag))),
  ]
}

const line = (condition: string, rest: string): string => `complete -c lading -n ${quoted(condition)} ${rest}`

function flagWords({ long, short, help, value, offer }: Flag): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`
  const given = value === undefined ? '' : ` ${offer === 'file' ? '-r' : '-x'} ${offering(offer)}`.trimEnd()
  return `${names}${given} -d ${quoted(help)}`
}

function offering(offer: Offer): string {
  if (typeof offer === 'object') return `-a ${quoted(offer.join(' '))}`
  if (offer === 'folder') return `-a '(__fish_complete_directories)'`
  return offer === 'file' ? '-F' : ''
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
