import { type Diagnosis, doctor, type ProbedFacts, printable } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { DOCTOR_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { runOf, storeFor, type Voice, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const found = await doctor(await storeFor(input, DOCTOR_OPTIONS), runOf(input.io))
  const voice = voiceOf(input)
  if (voice.isJson) voice.out.write(found.map((place) => jsonData('diagnosis', place)).join('') + jsonEnd)
  else voice.out.write(found.map((place) => render(place, voice)).join(''))
  return 0
}

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

function render({ place, label, facts, isNews }: Diagnosis, { out }: Voice): string {
  const { glyphs, style } = out
  const title = `${place.padEnd(11)} ${printable(label)}${isNews && facts ? '  (new)' : ''}\n`
  if (facts === undefined) return `${title}  ${style('green', glyphs.ok)} a folder of this machine: everything holds\n`
  const rows = FACTS.map((fact) => fact(facts)).map(([name, good, text]) => {
    const sign = good ? style('green', glyphs.ok) : style('yellow', glyphs.warn)
    return `  ${sign} ${name.padEnd(11)} ${printable(text)}\n`
  })
  return title + rows.join('')
}
