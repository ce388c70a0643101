import type { Browser } from 'playwright-core'
import { rollback, type Summary, sync } from '../../src/index.ts'
import { openTab } from '../rig/tab.ts'
import type { Build } from './builds.ts'
import { type Journey, travel, walk } from './journey.ts'
import type { OffloadedTrip } from './trips.ts'

/** What came of a second deploy and of its undoing. */
export interface Life {
  readonly second: Summary
  /** The writes of the second deploy, without those of the state. */
  readonly written: readonly string[]
  /** The writes of the first one. */
  readonly before: readonly string[]
  readonly undone: Summary
  /** Undefined without a browser. */
  readonly visitors: Visitors | undefined
}

interface Visitors {
  /** In a tab that was open at the first stop all the while. */
  readonly old: Journey
  /** Who came after the second deploy, to the component that was edited. */
  readonly changed: Journey
  /** Who came after the rollback. */
  readonly restored: Journey
}

/** Goes on where a trip has ended: edits a component, builds, syncs, and rolls back, with visitors in between. */
export async function live(build: Build, trip: OffloadedTrip, browser: Browser | undefined): Promise<Life> {
  const [first, edited, last] = build.stops
  const tab = browser && (await openTab(browser))
  try {
    await tab?.go(trip.url)
    const here = tab && (await walk(tab, [first]))
    const deployed = await deployEdited(trip)
    const there = tab && (await walk(tab, [edited, last]))
    const old = tab && { ...tab.seen, sights: new Map([...(here ?? []), ...(there ?? [])]) }
    const changed = browser && (await travel(browser, trip.url, [edited]))
    const undone = await rollback(trip.history, trip.run)
    const restored = browser && (await travel(browser, trip.url, build.stops))
    return { ...deployed, undone, visitors: old && changed && restored && { old, changed, restored } }
  } finally {
    await tab?.close()
  }
}

async function deployEdited(trip: OffloadedTrip): Promise<Pick<Life, 'second' | 'written' | 'before'>> {
  const { journal, options, run } = trip
  const before = journal.filter(isOutsideState)
  const mark = journal.length
  await trip.edit()
  const second = await sync(options, run)
  return { second, before, written: journal.slice(mark).filter(isOutsideState) }
}

function isOutsideState(line: string): boolean {
  return !/ \.lading\//.test(line)
}
