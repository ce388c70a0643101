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
  let hurried = new AbortController()
  let nextAtMs = 0
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
    const signal = AbortSignal.any([stop, hurried.signal])
    for (let left = nextAtMs - performance.now(); left > 0 && !signal.aborted; left = nextAtMs - performance.now()) {
      await sleep(Math.min(left, SIGN_MS), undefined, { signal }).catch(() => undefined)
      if (left > SIGN_MS && !signal.aborted) send('\n')
    }
    hurried = new AbortController()
  }

  const run = async (stop: AbortSignal): Promise<void> => {
    for (;;) {
      await pause(stop)
      if (stop.aborted) return
      let seconds = AGAIN_SECONDS
      try {
        const overview = await monitor.look(stop)
        seconds = overview.pauseSeconds
        last = await lineOf(overview)
      } catch (error) {
        if (stop.aborted) return
        last = failureLine(error)
      }
      nextAtMs = performance.now() + seconds * 1000
      send(last)
    }
  }

  return {
    join(response) {
      if (clients.size >= MAX_CLIENTS) return false
      const client = { response, missed: 0 }
      response.on('close', () => {
        clients.delete(client)
        if (clients.size === 0) watched.abort()
      })
      response.write(performance.now() < nextAtMs ? last : '\n')
      clients.add(client)
      if (clients.size > 1) return true
      watched = new AbortController()
      const { signal } = watched
      // A look of those before may not have ended yet.
      running = running.then(() => run(signal))
      return true
    },
    hurry() {
      nextAtMs = 0
      hurried.abort()
    },
  }
}
