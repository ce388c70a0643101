import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LadingError, openStore, type Run, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { RequestCounts } from '../../src/store/wrappers/with-requests.ts'
import { openCdn } from '../rig/open-cdn.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'

/** Where a scenario plays: a folder, a store that counts and can fail, and an environment. */
export interface World {
  /** What it all lies in, the caches too. */
  readonly base: string
  /** The working folder of commands. */
  readonly folder: string
  /** What `STORE` stands for in commands. */
  readonly address: string
  readonly env: Readonly<Record<string, string>>
  readonly run: Partial<Run>
  /** Calls of the store since the last question, by method. */
  takeCounts(): RequestCounts
  /** The `nth` call of `method` from now on for a key with this text in it fails, once, as a store that is not there. */
  fail(method: string, key: string, nth: number): void
  close(): Promise<void>
}

interface Backend {
  readonly address: string
  readonly env: Readonly<Record<string, string>>
  readonly open: NonNullable<Run['openStore']>
  close(): Promise<void>
}

const ended = async (): Promise<void> => undefined

const BACKENDS: Readonly<Record<string, (folder: string) => Promise<Backend>>> = {
  folder: async () => ({ address: '../my-objects', env: {}, open: openStore, close: ended }),
  memory: async () => {
    const stores = new Map<string, Store>()
    const open: Backend['open'] = async ({ label }) => {
      const store = stores.get(label) ?? createMemoryStore({ label })
      stores.set(label, store)
      return store
    }
    return { address: '../my-objects', env: {}, open, close: ended }
  },
  s3: async () => {
    const s3 = await startStrictS3({ bucket: 'site-assets', allowedPrefix: '_a/' })
    return {
      address: `s3://site-assets/_a/?endpoint=${s3.endpoint}&region=us-east-1`,
      env: { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
      open: openStore,
      close: async () => {
        await s3.close()
        if (s3.violations.length > 0) throw new Error(`the store was asked what it never may be: ${s3.violations}`)
      },
    }
  },
}

export async function createWorld(backendName: string): Promise<World> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'lading-scenario-')))
  const folder = join(base, 'work')
  mkdirSync(folder)
  mkdirSync(join(base, 'home'))
  const backend = await BACKENDS[backendName]?.(folder)
  if (backend === undefined) throw new Error(`there is no backend "${backendName}"`)
  const counts = noCounts()
  const faults: Fault[] = []

  return {
    base,
    folder,
    address: backend.address,
    env: { ...backend.env, HOME: join(base, 'home'), LANG: 'C' },
    run: {
      openStore: async (target, options) => observed(await backend.open(target, options), { counts, faults }),
      ask: openCdn,
    },
    takeCounts: () => {
      const taken = { ...counts }
      Object.assign(counts, noCounts())
      return taken
    },
    fail: (method, key, nth) => {
      faults.push({ method, key, left: nth })
    },
    close: async () => {
      await backend.close()
      rmSync(base, { recursive: true, force: true })
    },
  }
}

const noCounts = (): RequestCounts => ({
  get: 0,
  put: 0,
  copy: 0,
  reheader: 0,
  head: 0,
  list: 0,
  remove: 0,
  sweep: 0,
})

interface Fault {
  readonly method: string
  readonly key: string
  left: number
}

interface Observation {
  readonly counts: RequestCounts
  readonly faults: Fault[]
}

/** The store with its calls added up and the faults of the scenario before them. */
function observed(store: Store, { counts, faults }: Observation): Store {
  const due = (method: string, key: unknown): boolean => {
    for (const fault of faults) if (fault.method === method && String(key).includes(fault.key)) fault.left -= 1
    const index = faults.findIndex(({ left }) => left === 0)
    if (index !== -1) faults.splice(index, 1)
    return index !== -1
  }
  const failing = <Arguments extends unknown[], Result>(
    method: keyof RequestCounts,
    call: (...given: Arguments) => Promise<Result>,
  ) => {
    return async (...given: Arguments): Promise<Result> => {
      counts[method] += 1
      if (due(method, given[0])) {
        throw new LadingError('E_STORE', 'the store answered 503 ServiceUnavailable', { subject: String(given[0]) })
      }
      return call(...given)
    }
  }
  return {
    ...store,
    get: failing('get', store.get),
    put: failing('put', store.put),
    copy: failing('copy', store.copy),
    reheader: failing('reheader', store.reheader),
    head: failing('head', store.head),
    remove: failing('remove', store.remove),
    sweep: failing('sweep', store.sweep),
    list(prefix, options) {
      counts.list += 1
      return store.list(prefix, options)
    },
  }
}
