import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import {
  type LadingConfig,
  LadingError,
  type Prepared,
  prepareConfig,
  resolveConfig,
  shellWord,
  writeConfig,
} from '../../index.ts'
import type { CliIo, CommandInput } from '../io.ts'
import { isFolder } from '../is-folder.ts'
import { shellLine } from '../next-line.ts'
import { INIT_OPTIONS } from '../options.ts'
import { canAsk, openQuestions, type Questions } from '../questions.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { wrap } from '../reporters/wrap.ts'
import { loadFor, type Voice, voiceOf } from '../session.ts'
import { lookForCors } from './init-cors.ts'

export async function run(input: CommandInput): Promise<number> {
  const { io, flags, args } = input
  const voice = voiceOf(input)
  const found = await prepareConfig(io.cwd)
  // What the environment says today is nothing to write down.
  const { config: given, sources } = await loadFor({ ...input, io: { ...io, env: {} } }, INIT_OPTIONS, args[0])
  const check = (config: LadingConfig): void => {
    refuseFile(config.root ?? '', io.cwd)
    resolveConfig(config, { cwd: io.cwd, env: io.env, sources })
  }
  const complete = (config: LadingConfig): LadingConfig => withDefaults(config, { found, cwd: io.cwd })
  const isAsking = flags.yes !== true && canAsk(voice, io)
  const config = complete(isAsking ? await askFor(given, { found, io, voice, check, complete }) : given)
  if (config.root === undefined) throw noSite()
  check(config)
  const cors = await lookForCors(config, { io, voice })
  const written = await writeConfig({ folder: io.cwd, file: found.file, config: { ...config, cors: cors.value } })
  const notes = [...cors.notes, ...builderNotes(found)]
  const isBuilt = existsSync(resolve(io.cwd, config.root))
  if (!isBuilt && found.build === undefined) notes.push(`${config.root} is not there yet: build the site first.`)
  const next = [
    ...(isBuilt || found.build === undefined ? [] : [found.build]),
    ...['plan', 'sync'].map((command) => shellLine(command, [], io.env)),
  ]
  tell({ file: found.file, config: written, notes, next }, voice)
  return 0
}

interface Place {
  readonly found: Prepared
  readonly cwd: string
}

/** What is written where neither a flag nor an answer says it. `out` leaves every folder that there is as it is. */
function withDefaults(config: LadingConfig, { found, cwd }: Place): LadingConfig {
  const root = config.root ?? found.root
  const beside = (name: string): string =>
    root !== undefined && resolve(cwd, root) === cwd ? `../${basename(cwd)}-${name}` : name
  const isOpen = config.url !== undefined && config.out === undefined && !config.inPlace && !config.host
  return {
    ...config,
    root,
    to: config.to ?? beside('store'),
    ...(isOpen && { out: beside('origin') }),
  }
}

interface Asking {
  readonly found: Prepared
  readonly io: CliIo
  readonly voice: Voice
  check(config: LadingConfig): void
  complete(config: LadingConfig): LadingConfig
}

/** Asks for what no flag says, the defaults beside each question. */
async function askFor(given: LadingConfig, asking: Asking): Promise<LadingConfig> {
  const { io, voice, complete } = asking
  const questions = openQuestions(io, voice)
  const asked = { ...asking, questions }
  try {
    let config = await askText(given, {
      ...asked,
      key: 'root',
      question: 'Folder with the site',
      fallback: asking.found.root,
    })
    const store = 'Store: s3://BUCKET/PREFIX, or a folder'
    config = await askText(config, { ...asked, key: 'to', question: store, fallback: complete(config).to })
    const address = 'Its public address: https://HOST/ or a path, /_a/; none: files keep their paths'
    config = await askText(config, { ...asked, key: 'url', question: address, fallback: '' })
    return await askPages(config, asked)
  } finally {
    questions.close()
  }
}

interface Asked extends Asking {
  readonly questions: Questions
}

interface TextQuestion extends Asked {
  readonly key: 'root' | 'to' | 'url'
  readonly question: string
  readonly fallback: string | undefined
}

async function askText(config: LadingConfig, asked: TextQuestion): Promise<LadingConfig> {
  const { key, question, fallback = '', questions, check, complete } = asked
  if (config[key] !== undefined) return config
  const withAnswer = (answer: string): LadingConfig => (answer === '' ? config : { ...config, [key]: answer })
  const answer = await questions.ask(question, {
    fallback,
    check: (text) => check(complete(withAnswer(text))),
  })
  return withAnswer(answer)
}

const PAGES = ['out', 'in-place', 'host'] as const

async function askPages(config: LadingConfig, { questions, complete }: Asked): Promise<LadingConfig> {
  if (config.url === undefined || config.out !== undefined || config.inPlace || config.host) return config
  const { out = '' } = complete(config)
  const question = `Pages: out (rewritten into ${out}), in-place, or host (in the store too)`
  const answer = await questions.ask(question, {
    fallback: 'out',
    check: (text) => {
      if (!PAGES.some((name) => name === text)) throw new LadingError('E_USAGE', 'Say out, in-place or host')
    },
  })
  if (answer === 'out') return config
  return answer === 'host' ? { ...config, host: true } : { ...config, inPlace: true }
}

/** A folder that is not there may be built later. */
function refuseFile(root: string, cwd: string): void {
  const path = resolve(cwd, root)
  if (isFolder(path) || !existsSync(path)) return
  throw new LadingError('E_ROOT_NOT_DIR', 'This is a file, not a folder', {
    subject: root,
    hint: `Name the folder it lies in: lading init ${shellWord(dirname(root))}`,
  })
}

const noSite = (): LadingError =>
  new LadingError('E_USAGE', 'no folder with a site was found here', {
    why: 'Neither a page nor the folder of a build lies here.',
    hint: 'Name it: lading init dist',
  })

function builderNotes({ builder }: Prepared): string[] {
  if (builder === undefined) return []
  const { name, plugin } = builder
  return plugin === undefined
    ? [`${name} writes addresses itself: set its own option for them, as docs/plugins.md says.`]
    : [
        `Built with ${name}: its plugin ${plugin} reads this file and names the store in the build itself; see docs/plugins.md.`,
      ]
}

interface Told {
  readonly file: string
  readonly config: LadingConfig
  readonly notes: readonly string[]
  readonly next: readonly string[]
}

function tell(told: Told, { isJson, isQuiet, out, err }: Voice): void {
  if (isJson) out.write(jsonData('init', told) + jsonEnd)
  if (isJson || isQuiet) return
  const { file, config, notes, next } = told
  err.write(`ok: wrote ${file}\n`)
  for (const [key, value] of Object.entries(config)) err.write(`  ${key.padEnd(10)}${String(value)}\n`)
  for (const note of notes) err.write(wrap(note, err.columns))
  err.write(next.map((line, index) => `${index === 0 ? 'Next: ' : '      '}${line}\n`).join(''))
}
