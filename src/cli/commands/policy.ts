import type { CspAdvice, CspFinding, PolicyOptions, PolicyProvider } from '../../index.ts'
import {
  corsFor,
  cspAdvice,
  edgeFor,
  iamFor,
  LadingError,
  PROVIDERS,
  plural,
  printable,
  resolvePolicy,
} from '../../index.ts'
import { refuseFlags } from '../idle-flags.ts'
import type { CommandInput, Flags } from '../io.ts'
import { CORS_PARTS, EDGE_PARTS, POLICY_OPTIONS } from '../options.ts'
import { tellDocument } from '../reporters/document.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { loadFor, resolveFor, runOf, type Voice, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags } = input
  const voice = voiceOf(input)
  switch (args[0]) {
    case 'cors': {
      await refuseFlags(flags, ['--brotli'], 'cors')
      const ask = { ...askedOf(flags, CORS_PARTS), origins: listOf(flags.origin) }
      const made = await corsFor(await optionsOf(input), ask)
      return tellDocument('cors', { ...made, leftOut: [] }, voice)
    }
    case 'edge': {
      await refuseFlags(flags, ['--origin'], 'edge')
      const ask = { ...askedOf(flags, EDGE_PARTS), brotli: flags.brotli === true }
      return tellDocument('edge', await edgeFor(await optionsOf(input), ask), voice)
    }
    case 'iam': {
      await refuseFlags(flags, ['--part', '--origin', '--brotli'], 'iam')
      const { provider } = askedOf(flags, [])
      return tellDocument('iam', { ...(await iamFor(await optionsOf(input), { provider })), leftOut: [] }, voice)
    }
    case 'csp':
      await refuseFlags(flags, ['--provider', '--part', '--origin', '--brotli'], 'csp')
      return tellCsp(await cspAdvice(await resolveFor(input, POLICY_OPTIONS, args[1]), runOf(input.io)), voice)
    default:
      throw new LadingError('E_USAGE', `there is no policy "${printable(args[0] ?? '')}"`, {
        hint: 'Say cors, csp, edge or iam.',
      })
  }
}

async function optionsOf(input: CommandInput): Promise<PolicyOptions> {
  const { io, args } = input
  const { config, sources } = await loadFor(input, POLICY_OPTIONS, args[1])
  return resolvePolicy(config, { cwd: io.cwd, env: io.env, sources })
}

interface Asked<Part> {
  readonly provider: PolicyProvider | undefined
  readonly part: Part | undefined
}

function askedOf<Part extends string>({ provider, part }: Flags, parts: readonly Part[]): Asked<Part> {
  return { provider: oneOf(provider, PROVIDERS, '--provider'), part: oneOf(part, parts, '--part') }
}

function oneOf<T extends string>(value: unknown, known: readonly T[], flag: string): T | undefined {
  const found = known.find((one) => one === value)
  if (value === undefined || found !== undefined) return found
  throw new LadingError('E_USAGE', `${flag} cannot be "${printable(String(value))}"`, {
    hint: `Say ${known.join(', ').replace(/, (\w+)$/, ' or $1')}.`,
  })
}

const listOf = (value: unknown): readonly string[] | undefined => (Array.isArray(value) ? value.map(String) : undefined)

function tellCsp({ needed, findings, pages, unread }: CspAdvice, { isJson, isQuiet, out, err }: Voice): number {
  const text = needed.map((directive) => `${directive}\n`).join('')
  const notes = findings.length > 0 ? [] : [nothingForbids(needed, pages)]
  if (isJson) {
    const document = { what: 'csp', file: 'csp.txt', text, commands: [], notes, leftOut: unread }
    out.write(findings.map((finding) => jsonData('csp', finding)).join('') + jsonData('policy', document) + jsonEnd)
    return 0
  }
  out.write(text)
  if (isQuiet) return 0
  for (const note of notes) err.write(`${note}\n`)
  for (const [place, found] of byPlace(findings)) {
    err.write(`${printable(place)}\n${found.map(findingText).join('')}`)
  }
  if (unread.length > 0) err.write(`Not read, and may hold policies: ${printable(unread.join(', '))}\n`)
  return 0
}

function nothingForbids(needed: readonly string[], pages: number): string {
  if (needed.length === 0) return 'No reference moves that a policy is asked about.'
  return `No policy that was found in ${plural(pages, 'page')} or beside them forbids it.`
}

function findingText({ was, write, needsNonce }: CspFinding): string {
  if (!needsNonce) return `  was    ${printable(was)}\n  write  ${printable(write)}\n`
  return `  stays  ${printable(was)}\n         beside 'strict-dynamic' each script tag needs the nonce or a hash\n`
}

function byPlace(findings: readonly CspFinding[]): Map<string, CspFinding[]> {
  const places = new Map<string, CspFinding[]>()
  for (const finding of findings) {
    const place = `${finding.page} (${finding.from})`
    places.set(place, [...(places.get(place) ?? []), finding])
  }
  return places
}
