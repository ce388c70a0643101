import { type Diagnosis, doctor, type ProbedFacts, printable } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { DOCTOR_OPTIONS } from '../options.ts'
import { jsonData, jsonSummary } from '../reporters/json.ts'
import { type FactRow, publicRows } from '../reporters/public-facts.ts'
import { hanging } from '../reporters/wrap.ts'
import { doctorFor, runOf, type Voice, voiceOf } from '../session.ts'

/** Where the text of a fact begins. */
const FACT = 16

/** Exit code for what `sync` would refuse too. */
const REFUSED = 3

export async function run(input: CommandInput): Promise<number> {
  const options = await doctorFor(input, DOCTOR_OPTIONS)
  const found = await doctor(options, runOf(input.io))
  const voice = voiceOf(input)
  const exit = found.some(isProblem) ? REFUSED : 0
  if (voice.isJson) {
    const records = found.map((place) => jsonData('diagnosis', place))
    voice.out.write(records.join('') + jsonSummary({ ok: exit === 0, exit }))
  } else voice.out.write(found.map((place) => render(place, voice)).join(''))
  return exit
}

const isProblem = ({ public: facts }: Diagnosis): boolean =>
  facts !== undefined && publicRows(facts).some(([mark]) => mark === 'fail')

/** Each fact with what it means, the good ones short. */
const FACTS: readonly ((facts: ProbedFacts) => readonly [name: string, good: boolean, text: string])[] = [
  ({ conditionalWrites }) => [
    'conditions',
    conditionalWrites === 'full',
    {
      full: 'create-only and compare-and-swap both hold',
      create: 'create-only holds, compare-and-swap does not: the lock is advisory',
      none: 'none hold: the lock between deploys is advisory',
    }[conditionalWrites],
  ],
  ({ conditionalCopy }) => [
    'copies',
    conditionalCopy,
    conditionalCopy ? 'obey conditions' : 'obey no conditions: we look first',
  ],
  ({ conditionalRemove }) => [
    'removals',
    conditionalRemove,
    conditionalRemove ? 'obey conditions' : 'obey no conditions: we look first',
  ],
  ({ checksum }) => [
    'checksum',
    checksum === 'sha256',
    checksum === 'sha256' ? 'SHA-256 is verified' : 'Content-MD5 is used',
  ],
  ({ etagIsMd5 }) => [
    'etag',
    etagIsMd5,
    etagIsMd5 ? 'is the MD5 of the bytes' : 'says nothing of the bytes: each upload is looked at',
  ],
  ({ reheader }) => [
    'headers',
    reheader,
    reheader ? 'can be replaced without the bytes' : 'cannot be replaced alone: the bytes are sent again',
  ],
  ({ forgets }) => [
    'keeps',
    forgets.length === 0,
    forgets.length === 0 ? 'every header that it is given' : `not ${forgets.join(', ')}`,
  ],
]

function render({ place, label, isMissing, facts, public: visited, isNews }: Diagnosis, { out }: Voice): string {
  const { glyphs, style } = out
  const title = `${place.padEnd(11)} ${printable(label)}${isNews && facts ? '  (new)' : ''}\n`
  if (isMissing) {
    const text = 'there is no such folder: the first deploy makes it, if the name is right'
    return `${title}${hanging(`  ${style('yellow', glyphs.warn)} ${text}`, 4, out)}\n`
  }
  if (place !== 'url' && facts === undefined) {
    const text = 'a folder of this machine, which can be written: everything holds'
    return `${title}${hanging(`  ${style('green', glyphs.ok)} ${text}`, 4, out)}\n`
  }
  const rows = visited === undefined ? storeRows(facts) : publicRows(visited)
  const colors = { ok: 'green', warn: 'yellow', fail: 'red' } as const
  const lines = rows.map(([mark, name, text]) =>
    hanging(`  ${style(colors[mark], glyphs[mark])} ${name.padEnd(11)} ${printable(text)}`, FACT, out),
  )
  return title + lines.map((line) => `${line}\n`).join('')
}

function storeRows(facts: ProbedFacts | undefined): FactRow[] {
  if (facts === undefined) return []
  return FACTS.map((fact) => fact(facts)).map(([name, good, text]) => [good ? 'ok' : 'warn', name, text])
}
