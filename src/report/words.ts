const COUNT_UNITS = ['', ' k', ' M', ' G', ' T'] as const

/** `1234` -> `1234`; `12_345` -> `12.3 k`; `9_840_000` -> `9.84 M`. */
export function formatCount(count: number): string {
  if (count < 10_000) return String(count)
  let [value, unit] = [count, 0]
  // a value that would round to 1000 moves to the next unit
  while (value >= 999.5 && unit < COUNT_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 999.5 ? value.toPrecision(3) : Math.round(value)}${COUNT_UNITS[unit]}`
}

/** `1 request`, `12.3 k requests`. */
export const countOf = (count: number, noun: string): string =>
  `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`

/** `9.2 %`; what is there but would round to nothing is `<0.1 %`. */
export function formatShare(part: number, whole: number): string {
  const share = whole === 0 ? 0 : part / whole
  if (share > 0 && share < 0.0005) return '<0.1 %'
  return `${(100 * share).toFixed(1)} %`
}

/** `$1234.50`; what is there but would round to nothing is `<$0.01`. */
export function formatDollars(amount: number): string {
  if (amount > 0 && amount < 0.005) return '<$0.01'
  return `$${amount.toFixed(2)}`
}

/** `2026-10-01 00:00 to 2026-10-31 23:59 UTC`. */
export function periodText({
  period,
}: {
  readonly period?: { readonly first: string; readonly last: string } | undefined
}): string {
  if (period === undefined) return 'without times'
  const [first, last] = [period.first, period.last].map((time) => time.slice(0, 16).replace('T', ' '))
  return `${first} to ${last} UTC`
}
