import { devNull } from 'node:os'

/** How a run treats what the state says. */
export interface RepairOptions {
  /** Looks at every object instead of believing the manifest, and mends what differs. @default false */
  readonly repair?: boolean | undefined
  /** With `repair`: reads every byte too. @default false */
  readonly download?: boolean | undefined
}

/** A repair reads everything from the store: this machine's copies of the state prove nothing about it. */
export function withoutCopies<T extends RepairOptions & { readonly cacheDir: string }>(options: T): T {
  return options.repair ? { ...options, cacheDir: devNull } : options
}
