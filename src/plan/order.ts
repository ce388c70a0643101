/** A run's place in a line of runs. Numbers are compared only when they come from the same counter. */
export interface Order {
  /** Who counts: `github:Deploy`, `given`. */
  readonly counter: string
  readonly number: number
}

/** True when `run` was started before the run whose order is `live`, as far as that can be told. */
export function isOlder(run: Order | undefined, live: Order | undefined): boolean {
  return run !== undefined && live !== undefined && run.counter === live.counter && run.number < live.number
}

/** `github:Deploy #41`. */
export function describeOrder({ counter, number }: Order): string {
  return `${counter} #${number}`
}

export function isOrder(value: unknown): value is Order {
  return (
    typeof value === 'object' &&
    value !== null &&
    'counter' in value &&
    typeof value.counter === 'string' &&
    'number' in value &&
    Number.isSafeInteger(value.number)
  )
}
