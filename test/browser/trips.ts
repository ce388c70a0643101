import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type Summary, sync } from '../../src/index.ts'
import { type Build, editIn } from './builds.ts'
import { type Journey, travel } from './journey.ts'
import { type Life, live } from './life.ts'
import { ARRANGEMENTS, type Arrangement, type Offloaded, offload, serveUntouched } from './offload.ts'
import { contentsOf, held, type Lazy } from './setting.ts'

/** What a build left, where it is served, and what a visitor saw there. */
export interface Trip {
  readonly url: string
  /** Undefined without a browser. */
  readonly journey: Journey | undefined
  close(): Promise<void>
}

export interface OffloadedTrip extends Trip, Offloaded {
  readonly arrangement: Arrangement
  /** A sync right after the first, and what it wrote. */
  readonly again: { readonly summary: Summary; readonly written: readonly string[] }
  /** The names of what the origin serves after it. */
  readonly served: readonly string[]
  /** Changes the component and builds again into the same folder. */
  edit(): Promise<void>
}

/** One row of the table. */
export interface Trips {
  readonly idle: Trip
  behind(arrangement: Arrangement): OffloadedTrip
  /** What came after, where the CDN answers CORS. */
  readonly life: Life
}

/**
 * Builds a row with the plugin idle, and with it for each arrangement; serves and visits all of them. They go side by
 * side, since a visitor spends most of the time waiting.
 */
export function useTrips(build: Build, browser: Lazy<Browser | undefined>): Lazy<Trips> {
  return held(async (folder) => {
    const room = { build, folder, browser: browser() }
    const idle = idleTrip(room)
    const others = ARRANGEMENTS.map((arrangement) => offloadedTrip(room, arrangement))
    const life = others[0]?.then((trip) => live(build, trip, room.browser))
    const close = async (): Promise<void> => {
      for (const trip of await Promise.allSettled([idle, ...others])) {
        if (trip.status === 'fulfilled') await trip.value.close()
      }
    }
    try {
      const [made, lived] = [await Promise.all(others), await life]
      if (lived === undefined) throw new Error('there is no arrangement')
      return { value: { idle: await idle, behind: (asked) => oneBehind(made, asked), life: lived }, close }
    } catch (error) {
      await close()
      throw error
    }
  })
}

function oneBehind(made: readonly OffloadedTrip[], asked: Arrangement): OffloadedTrip {
  const trip = made.find(({ arrangement }) => arrangement === asked)
  if (trip === undefined) throw new Error(`nobody went behind ${asked.name}`)
  return trip
}

interface Room {
  readonly build: Build
  readonly folder: string
  readonly browser: Browser | undefined
}

/** The plugin is there and does nothing, as by default. */
async function idleTrip({ build, folder, browser }: Room): Promise<Trip> {
  const { work, root } = await sourcesIn(build, join(folder, 'idle'))
  const options = { to: join(work, 'store'), url: 'https://cdn.example.com/' }
  const { url, close } = await serveUntouched(await build.bundle({ root, folder: work, options }))
  return visited({ url, close }, build, browser)
}

async function offloadedTrip({ build, folder, browser }: Room, arrangement: Arrangement): Promise<OffloadedTrip> {
  const { work, root } = await sourcesIn(build, join(folder, String(ARRANGEMENTS.indexOf(arrangement))))
  const { cors } = arrangement
  let url = ''
  const bundle = (): Promise<string> => {
    const options = { to: join(work, 'store'), url, rewrite: 'always', ...(cors && { cors }) } as const
    return build.bundle({ root, folder: work, options })
  }
  const prepare = (address: string): Promise<string> => {
    url = address
    return bundle()
  }
  const result = await offload(prepare, work, arrangement)
  const edit = async (): Promise<void> => {
    editIn(root, build.edit)
    await bundle()
  }
  const mark = result.journal.length
  const summary = await sync(result.options, result.run)
  const again = { summary, written: result.journal.slice(mark) }
  const served = Object.keys(await contentsOf(result.out))
  return visited({ ...result, arrangement, again, served, edit }, build, browser)
}

async function sourcesIn(build: Build, work: string): Promise<{ readonly work: string; readonly root: string }> {
  const root = join(work, 'sources')
  await mkdir(root, { recursive: true })
  build.copy(root)
  return { work, root }
}

type Served = Pick<Trip, 'url' | 'close'>

async function visited<T extends Served>(served: T, { stops }: Build, browser: Browser | undefined) {
  try {
    const journey = browser && (await travel(browser, served.url, stops))
    return { ...served, journey }
  } catch (error) {
    await served.close()
    throw error
  }
}
