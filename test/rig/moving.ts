import { onTestFinished } from 'vitest'
import {
  type Copied,
  type CopyOptions,
  copy,
  type LadingConfig,
  type Removal,
  type Run,
  remove,
  type Store,
  verify,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFaultyStore, type FaultyStore } from './faulty-store.ts'
import { MIRROR } from './project.ts'
import { createPublished, type Published, stateOf } from './published.ts'

export const FILES = {
  'index.html': '<link rel="stylesheet" href="site.css"><img src="photo.png">',
  'site.css': 'body{color:red}',
  'photo.png': 'pixels',
  'old.html': 'old',
  'robots.txt': 'User-agent: *',
}
export const SECOND = {
  'index.html': '<img src="photo.png">second',
  'photo.png': 'second',
  'robots.txt': 'User-agent: *',
}

export const MODES: [string, LadingConfig][] = [
  ['mirror', MIRROR],
  ['offload', {}],
  ['host', { host: true }],
]

export interface Moving extends Published {
  readonly from: FaultyStore
  readonly to: FaultyStore
  copy(options?: Partial<CopyOptions> & { readonly run?: Partial<Run> }): Promise<Copied>
  /** Takes a file down in one of the two stores. */
  takeDown(subject: string, store: FaultyStore): Promise<Removal>
}

/** A site in one store, and another store beside it. */
export async function moving(
  config: LadingConfig,
  target: Store = createMemoryStore({ label: 'target' }),
): Promise<Moving> {
  const [from, to] = [createFaultyStore(createMemoryStore({ label: 'source' })), createFaultyStore(target)]
  const made = createPublished({ files: FILES, config, store: from.store })
  onTestFinished(made.remove)
  await made.site.sync()
  const openStore: Run['openStore'] = async ({ label }) => (label.includes('elsewhere') ? to.store : from.store)
  return {
    ...made,
    from,
    to,
    copy: ({ run, ...options } = {}) =>
      copy(
        { from: made.history(), to: made.history({ to: './elsewhere' }), ...options },
        { ...made.run, openStore, ...run },
      ),
    takeDown: (subject, { store }) =>
      remove({ ...made.history(), subject, now: true }, { ...made.run, openStore: async () => store }),
  }
}

/** What visitors get from a store: bytes and headers, without the state. */
export async function visible(store: Store): Promise<Record<string, string>> {
  const state = await stateOf(store)
  return Object.fromEntries(Object.entries(state).filter(([key]) => !key.startsWith('.lading/')))
}

export const drift = async ({ run, history, to, said }: Moving): Promise<unknown[]> => {
  await verify({ ...history(), download: true }, { ...run, openStore: async () => to.store })
  return said.filter(({ type }) => type === 'drift')
}
