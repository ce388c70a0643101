/** A program and its arguments. */
export interface WorkerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default that of this process */
  readonly cwd?: string | undefined
}

/** How many instances there are. */
export interface FleetCount {
  /** How many are wished for: those that work, those that boot, and those that are yet to come. */
  readonly desired: number
  /** Have booted and are not on their way out. */
  readonly inService: number
  /** More than these there will never be. */
  readonly max: number
  /** Those that there are by name, also while they boot and while they end. */
  readonly instances: readonly string[]
  /** How long one lives at most, in minutes. @default the fleet does not say */
  readonly lifetimeMinutes?: number | undefined
}

/**
 * The machines that workers run on. A few methods and these promises:
 *
 * - `grow` never takes an instance away and never passes `max`, also when several grow at once.
 * - `retire` ends one instance and lowers the wish with it, so that no other comes in its place.
 * - An instance that died is not in service, and the next `grow` makes up for it.
 * - Repetition of any call is harmless. Every method rejects with a `LadingError` only.
 *
 * An adapter is an object literal without `this`.
 */
export interface Fleet {
  /** For people and messages. Holds no credentials. */
  readonly label: string

  count(signal?: AbortSignal): Promise<FleetCount>

  /** Raises the wish to `desired`, or to `max` where that is less. */
  grow(desired: number, signal?: AbortSignal): Promise<FleetCount>

  /** Ends the instance after it was asked to finish what it holds. One that is not of this fleet is let be. */
  retire(instance: string, signal?: AbortSignal): Promise<void>
}
