import { doctor, type LadingConfig, LadingError, type PublicFacts, resolveDoctor } from '../../index.ts'
import type { CliIo } from '../io.ts'
import { runOf, type Voice } from '../session.ts'

/** How long an address and its store are waited for, in milliseconds: longer than a CDN remembers a 404. */
const PATIENCE_MS = 25_000

interface Found {
  /** What `cors` is to be; undefined: nobody knows. */
  readonly value: boolean | undefined
  readonly notes: readonly string[]
}

/** Finds out what `doctor` would say of `cors`, where it matters and nobody has said it. It never fails a run. */
export async function lookForCors(
  config: LadingConfig,
  { io, voice }: { readonly io: CliIo; readonly voice: Voice },
): Promise<Found> {
  const { url, cors } = config
  if (cors !== undefined || url === undefined || url.startsWith('/')) return { value: cors, notes: [] }
  if (!voice.isJson && !voice.isQuiet) voice.err.write(`Asking ${url} whether other origins may read there ...\n`)
  const deadline = AbortSignal.timeout(PATIENCE_MS)
  const signal = io.signal === undefined ? deadline : AbortSignal.any([io.signal, deadline])
  try {
    const options = resolveDoctor({ ...config, retries: 1 }, { cwd: io.cwd, env: io.env })
    const found = await doctor(options, { ...runOf(io), signal })
    return judge(found.find(({ place }) => place === 'url')?.public)
  } catch (error) {
    io.signal?.throwIfAborted()
    if (deadline.aborted) return unknown('there was no answer in time')
    if (error instanceof LadingError) return unknown(error.message)
    throw error
  }
}

function judge(facts: PublicFacts | undefined): Found {
  if (facts?.served !== 'yes') return unknown(facts?.why ?? 'there was no answer')
  if (facts.cors === undefined) return { value: undefined, notes: [] } // one origin: it does not matter
  if (facts.cors === 'open') return { value: true, notes: [] }
  return {
    value: false,
    notes: ['Fonts and modules stay where they are: no other origin may read there. See lading policy cors.'],
  }
}

const unknown = (why: string): Found => ({
  value: undefined,
  notes: [
    `cors is left unset, which means false: ${why}. Once the address serves the store, lading doctor says what to write.`,
  ],
})
