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
  /** Desired capacity: instances that work, that boot, and that are yet to be launched. */
  readonly desired: number
  /** Have booted and are not on their way out. */
  readonly inService: number
  /** Upper limit of `desired`. */
  readonly max: number
  /** Ids of all existing instances, including those booting or terminating. */
  readonly instances: readonly string[]
  /** How long one lives at most, in minutes. @default the fleet does not say */
  readonly lifetimeMinutes?: number | undefined
}

/**
 * The machines that workers run on. A few methods and these promises:
 *
 * - `grow` never takes an instance away and never passes `max`, also when several grow at once.
 * - `retire` ends one instance and lowers the desired capacity with it, so that it is not replaced.
 * - An instance that died is not in service, and the next `grow` makes up for it.
 * - Every call is idempotent, and rejects with a `LadingError` only.
 *
 * An adapter is an object literal without `this`.
 */
export interface Fleet {
  /** For people and messages. Holds no credentials. */
  readonly label: string

  count(signal?: AbortSignal): Promise<FleetCount>

  /** Raises the desired capacity to `desired`, or to `max` where that is less. */
  grow(desired: number, signal?: AbortSignal): Promise<FleetCount>

  /** Ends the instance after asking it to finish what it holds. One of another fleet is left alone. */
  retire(instance: string, signal?: AbortSignal): Promise<void>
}
