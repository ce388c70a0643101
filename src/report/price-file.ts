import * as v from 'valibot'
import { LadingError } from '../words/errors.ts'
import { GIBIBYTE, type PriceTier, type Tariff } from './prices.ts'

/**
 * Reads a list of one's own: `{ "tariffs": [ ... ] }`, each one a {@link Tariff}.
 *
 * @param file for messages
 * @throws E_PRICES with one detail per problem
 */
export function parsePrices(text: string, file: string): readonly Tariff[] {
  const value = jsonOf(text, file)
  const result = v.safeParse(SCHEMA, value)
  if (!result.success) {
    const details = result.issues.map((issue) => {
      const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
      return `${path.join('').replace(/^\./, '') || 'the list'}: ${issue.message}`
    })
    throw refused(file, 'the price list is not of the form that is needed', details)
  }
  const problems = result.output.tariffs.flatMap((tariff, at, all) => problemsOf(tariff, at, all))
  if (problems.length > 0) throw refused(file, 'the price list contradicts itself', problems)
  return result.output.tariffs
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(file, 'the price list is no JSON', [error instanceof Error ? error.message : String(error)])
  }
}

const refused = (file: string, message: string, details: readonly string[]): LadingError =>
  new LadingError('E_PRICES', message, {
    subject: file,
    details,
    hint: 'docs/report.md shows the form; without --prices the list that comes with Lading is taken.',
  })

const TEXT = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const AMOUNT = v.pipe(v.number(), v.finite(), v.minValue(0))
const TIER = v.strictObject({
  upToGigabytes: v.optional(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  dollars: AMOUNT,
})
const TIERS = v.pipe(v.array(TIER), v.minLength(1), v.maxLength(20))
const REQUESTS = v.strictObject({ free: AMOUNT, dollarsPerMillion: AMOUNT })
const ADDRESS = v.pipe(v.string(), v.maxLength(500), v.regex(/^https?:\/\/[^\s]+$/, 'Write an address, https://...'))
const TARIFF = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}$/, 'Write small letters, digits and hyphens')),
  name: v.pipe(TEXT, v.maxLength(40)),
  where: TEXT,
  source: ADDRESS,
  date: v.pipe(v.string(), v.regex(/^\d{4}-\d\d(?:-\d\d)?$/, 'Write a date, 2026-11 or 2026-11-27')),
  note: v.optional(TEXT),
  gigabyte: v.picklist([1e9, GIBIBYTE], `Write 1000000000, or ${GIBIBYTE} as Amazon counts`),
  transfer: v.strictObject({ freeGigabytes: AMOUNT, tiers: TIERS }),
  requests: REQUESTS,
  store: v.optional(
    v.strictObject({
      source: ADDRESS,
      storage: v.strictObject({ freeGigabytes: AMOUNT, tiers: TIERS }),
      writes: REQUESTS,
      reads: v.optional(REQUESTS),
    }),
  ),
  invalidations: v.optional(v.strictObject({ free: AMOUNT, dollars: AMOUNT })),
  roundsUp: v.optional(v.boolean()),
})
const SCHEMA = v.strictObject({ tariffs: v.pipe(v.array(TARIFF), v.minLength(1), v.maxLength(10)) })

function problemsOf({ id, transfer, store }: Tariff, at: number, all: readonly Tariff[]): string[] {
  const path = `tariffs[${at}]`
  const twice = all.findIndex((other) => other.id === id) < at ? [`${path}.id: "${id}" is there twice`] : []
  const stored = store === undefined ? [] : tierProblems(store.storage.tiers, `${path}.store.storage`)
  return [...twice, ...tierProblems(transfer.tiers, `${path}.transfer`), ...stored]
}

function tierProblems(tiers: readonly PriceTier[], path: string): string[] {
  return tiers.flatMap(({ upToGigabytes }, index) => {
    const tier = `${path}.tiers[${index}].upToGigabytes`
    const isLast = index === tiers.length - 1
    if (isLast) return upToGigabytes === undefined ? [] : [`${tier}: the last tier has no end; leave it out`]
    if (upToGigabytes === undefined) return [`${tier}: only the last tier has no end`]
    const before = tiers[index - 1]?.upToGigabytes ?? 0
    return upToGigabytes > before ? [] : [`${tier}: must be above ${before}, where the tier before ends`]
  })
}
