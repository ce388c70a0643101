import { setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Monitor, Overview } from '../../index.ts'

/** Pages that may be open at once. */
const MAX_CLIENTS = 16

/** Overviews in a row that may pass by one that has not taken an earlier one; then it is dropped. */
const MAX_MISSED = 3

/** Something is sent at least as often, in milliseconds, so that one that has gone away is noticed. */
const SIGN_MS = 15_000

/** After a look that failed as a whole, in seconds. */
const AGAIN_SECONDS = 5

export interface Feed {
  /** Sends the newest overview and all later ones, a line each. @returns `false` when there is no room */
  join(response: ServerResponse): boolean
  /** Makes the next look now, instead of at the end of the pause. */
  hurry(): void
}

export interface FeedOptions {
  readonly monitor: Monitor
  /** An overview as one line. */
  readonly lineOf: (overview: Overview) => Promise<string>
  /** That looking itself failed, as one line. */
  readonly failureLine: (error: unknown) => string
}

interface Client {
  readonly response: ServerResponse
  missed: number
}

/**
 * One look for all that watch, and none while nobody does. A client has one overview at most that it has not taken yet:
 * what comes meanwhile is not sent to it.
 */
export function createFeed({ monitor, lineOf, failureLine }: FeedOptions): Feed {
  const clients = new Set<Client>()
  let last = '\n'
  /** Aborted when nobody watches any more. */
  let watched = new AbortController()
  let nextAtMs = 0
  let orders = 0
  let wake = (): void => undefined
  let running = Promise.resolve()

  const send = (line: string): void => {
    for (const client of clients) {
      client.missed = client.response.writableLength > 0 ? client.missed + 1 : 0
      if (client.missed === 0) client.response.write(line)
      else if (client.missed > MAX_MISSED) client.response.destroy()
    }
  }

  /** Until the next look is due, also by those that have just come. */
  const pause = async (stop: AbortSignal): Promise<void> => {
    for (let left = leftOf(nextAtMs); left > 0 && !stop.aborted; left = leftOf(nextAtMs)) {
      const woken = new AbortController()
      wake = () => woken.abort()
      await sleep(Math.min(left, SIGN_MS), undefined, { signal: woken.signal }).catch(() => undefined)
      if (left > SIGN_MS && !woken.signal.aborted) send('\n')
    }
  }

  const run = async (stop: AbortSignal): Promise<void> => {
    for (;;) {
      await pause(stop)
      if (stop.aborted) return
      const before = orders
      let seconds = AGAIN_SECONDS
      try {
        const overview = await monitor.look(stop)
        seconds = overview.pauseSeconds
        last = await lineOf(overview)
      } catch (error) {
        if (stop.aborted) return
        last = failureLine(error)
      }
      // An order that came meanwhile may not be in it yet.
      nextAtMs = orders === before ? performance.now() + seconds * 1000 : 0
      send(last)
    }
  }

  return {
    join(response) {
      if (clients.size >= MAX_CLIENTS) return false
      const client = { response, missed: 0 }
      response.on('close', () => {
        clients.delete(client)
        if (clients.size > 0) return
        watched.abort()
        wake()
      })
      response.write(leftOf(nextAtMs) > 0 ? last : '\n')
      clients.add(client)
      if (clients.size > 1) return true
      watched = new AbortController()
      const { signal } = watched
      setMaxListeners(0, signal) // every request under way listens
      // A look of those before may not have ended yet.
      running = running.then(() => run(signal))
      return true
    },
    hurry() {
      orders += 1
      nextAtMs = 0
      wake()
    },
  }
}

const leftOf = (atMs: number): number => atMs - performance.now()
