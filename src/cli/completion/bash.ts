import type { Argument, Flag, Offer, Place } from './places.ts'

/**
 * For bash 3.2 and later, without the package bash-completion. Each place is a row of `_lading_place`: a flag that takes
 * a value ends with `=` and what is offered for it.
 */
export function bashScript(places: readonly Place[]): string {
  return `# Completion of lading for bash. In ~/.bashrc: source <(lading completion bash)
_lading_place() {
  many= args=
  case $1 in
${places.map(row).join('\n')}
    *) return 1 ;;
  esac
}
${FUNCTION}
complete -o default -F _lading lading
`
}

function row({ words, commands, args, flags }: Place): string {
  const offers = commands.size > 0 ? [[...commands.keys()].join('|')] : args.map(({ offer }) => written(offer) || '-')
  const many = args.some(({ isRepeatable }: Argument) => isRepeatable) ? 'many=1 ' : ''
  return `    '${words.join(' ')}') ${many}args='${offers.join(' ')}' flags='${flags.map(flagWord).join(' ')}' ;;`
}

const flagWord = ({ long, value, offer }: Flag): string => (value === undefined ? long : `${long}=${written(offer)}`)

const written = (offer: Offer): string => (typeof offer === 'object' ? offer.join('|') : offer ? `@${offer}` : '')

/** What is offered goes into COMPREPLY; names of files and folders are left to readline, which knows how to quote them. */
const FUNCTION = `_lading() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} many args flags
  local words word cur last place= at=1 count=0 flag= offer=
  read -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  last=$(( \${#words[@]} - 1 ))
  cur=\${words[last]}
  COMPREPLY=()
  while (( at < last )) && _lading_place "\${place:+$place }\${words[at]}"; do
    place="\${place:+$place }\${words[at]}"
    (( at += 1 ))
  done
  _lading_place "$place"
  for word in "\${words[@]:at:last-at}"; do
    if [[ -n $flag ]]; then flag=
    elif [[ $word == -* ]]; then [[ " $flags" == *" $word="* ]] && flag=$word
    else (( count += 1 ))
    fi
  done
  [[ -z $flag && $cur == --*=* ]] && flag=\${cur%%=*} cur=\${cur#*=}
  if [[ -n $flag ]]; then
    for word in $flags; do [[ $word == "$flag="* ]] && offer=\${word#*=}; done
  elif [[ $cur != -* ]]; then
    words=($args)
    (( count >= \${#words[@]} )) && [[ -n $many ]] && count=$(( \${#words[@]} - 1 ))
    offer=\${words[count]#-}
  fi
  if [[ -z $flag && -z $offer ]]; then
    for word in $flags; do offer+="|\${word%%=*}"; done
  fi
  case $offer in
    @file) return ;;
    @folder) compopt +o default -o dirnames 2> /dev/null ;;
    *)
      compopt +o default 2> /dev/null
      COMPREPLY=($(compgen -W "\${offer//|/ }" -- "$cur"))
      ;;
  esac
}`
