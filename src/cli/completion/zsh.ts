import type { Flag, Offer, Place } from './places.ts'

/** A function for each place, in the words of zsh's own `_arguments`. */
export function zshScript(places: readonly Place[]): string {
  return `#compdef lading
# Completion of lading for zsh. In ~/.zshrc, below compinit: source <(lading completion zsh)
${places.map(placeFunction).join('')}
if [[ $funcstack[1] == _lading ]]; then _lading "$@"; else compdef _lading lading; fi
`
}

const nameOf = (words: readonly string[]): string => ['_lading', ...words].join('_')

function placeFunction({ words, commands, args, flags }: Place): string {
  if (commands.size > 0) return choice(words, { commands, flags })
  const specs = [
    ...flags.map(flagSpec),
    ...args.map(({ name, offer, isRepeatable }, index) => {
      return quoted(`${isRepeatable ? '*' : index + 1}:${escaped(name)}:${action(offer)}`)
    }),
  ]
  return `${nameOf(words)}() {\n  _arguments ${specs.join(' \\\n    ')}\n}\n`
}

/** The next word, and then what that one's own function says of the rest. */
function choice(words: readonly string[], { commands, flags }: Pick<Place, 'commands' | 'flags'>): string {
  const rows = [...commands].map(([name, summary]) => quoted(`${escaped(name)}:${summary}`))
  const specs = [...flags.map(flagSpec), "'1: :->command'", "'*:: :->rest'"]
  return `${nameOf(words)}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands=(
    ${rows.join('\n    ')}
  )
  _arguments -C ${specs.join(' \\\n    ')}
  case $state in
    command) _describe command commands ;;
    rest) (( $+functions[${nameOf(words)}_$line[1]] )) && ${nameOf(words)}_$line[1] ;;
  esac
}
`
}

function flagSpec({ long, short, help, value, offer, isRepeatable }: Flag): string {
  const said = `[${escaped(help)}]`
  if (short !== undefined) return `'(${short} ${long})'{${short},${long}}${quoted(said)}`
  if (value === undefined) return quoted(`${long}${said}`)
  return quoted(`${isRepeatable ? '*' : ''}${long}=${said}:${escaped(value)}:${action(offer)}`)
}

function action(offer: Offer): string {
  if (typeof offer === 'object') return `(${offer.join(' ')})`
  if (offer === 'folder') return '_files -/'
  return offer === 'file' ? '_files' : ' '
}

const escaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&')

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
