import { CONFIG_KEYS } from '../../index.ts'
import { GROUPS } from '../front-page.ts'
import type { OptionRow } from '../option-rows.ts'
import { COMMANDS, type CommandRow } from '../rows.ts'

/** What may stand in one place of a line: one of these words, or the name of a file or folder; else anything. */
export type Offer = readonly string[] | 'folder' | 'file' | undefined

/** A flag of a command. */
export interface Flag {
  /** `--verbose`. */
  readonly long: string
  /** `-v`. */
  readonly short: string | undefined
  readonly help: string
  /** What its value is called: `store`. `undefined`: it takes none. */
  readonly value: string | undefined
  readonly offer: Offer
  readonly isRepeatable: boolean
}

/** A place where a line can stand: behind a command, behind a group, or at its beginning. */
export interface Place {
  /** Words that lead here: none, `batch`, `batch submit`. */
  readonly words: readonly string[]
  /** Commands that may follow, each with what it is for. */
  readonly commands: ReadonlyMap<string, string>
  readonly args: readonly Argument[]
  readonly flags: readonly Flag[]
}

export interface Argument {
  readonly name: string
  readonly offer: Offer
  readonly isRepeatable: boolean
}

/** What stands for files and folders, by the names that `menu.ts` and the options give to them. A store may be a folder. */
const PATHS: Readonly<Record<string, Offer>> = {
  dir: 'folder',
  folder: 'folder',
  root: 'folder',
  source: 'folder',
  store: 'folder',
  from: 'folder',
  to: 'folder',
  file: 'file',
  plan: 'file',
}

const HELP: Flag = plain('--help', '-h', 'display help for command')
const VERSION: Flag = plain('--version', '-V', 'output the version number')

/** Every place of a line, the beginning first. All is read from the menu and from the options of its commands. */
export function places(): Place[] {
  const first = commandsBelow()
  first.set('help', 'display help for command')
  const groups = Object.keys(GROUPS)
  return [
    { words: [], commands: first, args: [], flags: [HELP, VERSION] },
    ...groups.map((name) => ({ words: [name], commands: commandsBelow(name), args: [], flags: [HELP] })),
    ...[[], ...groups.map((name) => [name])].map((group) => ({
      words: ['help', ...group],
      commands: commandsBelow(...group),
      args: [],
      flags: [],
    })),
    ...COMMANDS.map(placeOf),
  ]
}

/** The next words of all commands that begin with these, in the order of the help. */
function commandsBelow(...group: readonly string[]): Map<string, string> {
  const found = COMMANDS.flatMap(({ name, summary }): [string, string][] => {
    const words = name.split(' ')
    const next = words[group.length]
    if (next === undefined || !group.every((word, index) => word === words[index])) return []
    return [[next, words.length > group.length + 1 ? (GROUPS[next] ?? '') : summary]]
  })
  return new Map(found)
}

function placeOf({ name, args, choices, options }: CommandRow): Place {
  const first = args.endsWith('[plan]') ? 'file' : choices // a plan may stand alone
  return {
    words: name.split(' '),
    commands: new Map(),
    args: args === '' ? [] : args.split(' ').map((text, index) => argument(text, index === 0 ? first : undefined)),
    flags: [...options.map(flag), HELP],
  }
}

/** `<cors|csp|edge|iam>`, `[root]`, `[id...]`. */
function argument(text: string, choices: Offer): Argument {
  const name = text.replace(/^[<[]|(?:\.\.\.)?[>\]]$/g, '')
  const offer = name.includes('|') ? name.split('|') : (choices ?? PATHS[name])
  return { name, offer, isRepeatable: text.includes('...') }
}

function flag({ flags, help, value, choices }: OptionRow): Flag {
  const [, short, long = '', name] = /^(?:(-\w), )?(--[a-z-]+)(?: <(.+)>)?$/.exec(flags) ?? []
  const keys = name === 'key' ? CONFIG_KEYS : undefined // `config --explain <key>`
  return { long, short, help, value: name, offer: choices ?? keys ?? PATHS[name ?? ''], isRepeatable: value === 'list' }
}

function plain(long: string, short: string, help: string): Flag {
  return { long, short, help, value: undefined, offer: undefined, isRepeatable: false }
}
