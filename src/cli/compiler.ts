import { setFlagsFromString } from 'node:v8'

/**
 * How much a function has to run before V8 optimises it, in bytes of its code; by itself V8 11 says 67,584. What runs
 * for half a second is over before that pays: to optimise it takes a quarter of a deploy of few changes, and a twelfth of
 * a first upload of 5,000 files, where more still is no gain. Later V8s, which have another compiler between, do not know
 * the flag, and gain nothing by those that they have in its stead.
 */
const BUDGETS: ReadonlyMap<string, number> = new Map([['11', 600_000]])

/** Lets V8 optimise only what runs for long. */
export function compilingLate(v8: string = process.versions.v8): void {
  const budget = BUDGETS.get(v8.slice(0, v8.indexOf('.')))
  if (budget !== undefined) setFlagsFromString(`--interrupt-budget=${budget}`)
}
