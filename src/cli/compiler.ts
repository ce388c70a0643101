import { setFlagsFromString } from 'node:v8'

/**
 * How much a function has to run before V8 optimises it, in bytes of its code; the default of V8 11 is 67,584. A run of
 * half a second ends before optimising pays off: it takes a quarter of a deploy of few changes, and a twelfth of a
 * first upload of 5,000 files, where a still larger budget gains nothing. Later V8s, which have another compiler in
 * between, do not know the flag, and gain nothing from its successors.
 */
const BUDGETS: ReadonlyMap<string, number> = new Map([['11', 600_000]])

/** Lets V8 optimise only what runs for long. */
export function compilingLate(v8: string = process.versions.v8): void {
  const budget = BUDGETS.get(v8.slice(0, v8.indexOf('.')))
  if (budget !== undefined) setFlagsFromString(`--interrupt-budget=${budget}`)
}
