import type { Order } from '../plan/order.ts'
import { LadingError } from '../words/errors.ts'
import type { LadingConfig } from './interface.ts'
import { type ConfigSources, type Environment, optionName } from './sources.ts'

/** Where CI systems say how often they have run: the number, and what it counts. The first that is set counts. */
const COUNTERS: readonly {
  readonly system: string
  readonly number: string
  readonly of: readonly string[]
}[] = [
  { system: 'github', number: 'GITHUB_RUN_NUMBER', of: ['GITHUB_WORKFLOW'] },
  { system: 'gitlab', number: 'CI_PIPELINE_IID', of: ['CI_PROJECT_NAME'] },
  { system: 'bitbucket', number: 'BITBUCKET_BUILD_NUMBER', of: [] },
  { system: 'buildkite', number: 'BUILDKITE_BUILD_NUMBER', of: ['BUILDKITE_PIPELINE_SLUG'] },
  { system: 'circle', number: 'CIRCLE_BUILD_NUM', of: [] },
  { system: 'drone', number: 'DRONE_BUILD_NUMBER', of: [] },
  { system: 'travis', number: 'TRAVIS_BUILD_NUMBER', of: [] },
  { system: 'azure', number: 'BUILD_BUILDID', of: [] },
  { system: 'jenkins', number: 'BUILD_NUMBER', of: ['JOB_NAME'] },
]

/** The order that the CI gives this run; undefined outside of one. */
export function defaultOrder(env: Environment): (Order & { readonly variable: string }) | undefined {
  for (const { system, number, of } of COUNTERS) {
    const value = env[number] ?? ''
    if (!isWhole(value)) continue
    const names = of.map((variable) => env[variable] ?? '').filter((name) => name !== '')
    return { counter: [system, ...names].join(':').slice(0, 200), number: Number(value), variable: number }
  }
  return undefined
}

/**
 * `12` counts for itself, `nightly:12` names its counter.
 * @throws E_USAGE
 */
export function parseOrder(value: LadingConfig['order'], sources: ConfigSources | undefined): Order | undefined {
  if (value === undefined) return undefined
  const [, counter = 'given', number = ''] = /^(?:(.*):)?([^:]*)$/s.exec(String(value)) ?? []
  if (isWhole(number) && counter !== '') return { counter: counter.slice(0, 200), number: Number(number) }
  throw new LadingError('E_USAGE', `${optionName('order', sources)} is not a number of a run`, {
    subject: String(value),
    hint: 'Write a whole number that grows with every run (12), or one with the name of its counter (nightly:12).',
  })
}

const isWhole = (text: string): boolean => /^\d{1,15}$/.test(text)
