import type { Agenda } from './agenda.ts'
import { createHeap, type Heap } from './heap.ts'

export interface Letter<T> {
  readonly handle: string
  /** Among all that were sent. */
  readonly place: number
  /** In milliseconds since the beginning, as the scheduler reads it. */
  readonly sentAt: number
  readonly content: T
}

/** A queue as the port promises it: leased until it is acked or released; the oldest comes first. Nothing is lost. */
export interface VirtualQueue<T> {
  send(contents: readonly T[], delaySeconds?: number): void
  /** What is visible, and at once. */
  receive(most: number): readonly Letter<T>[]
  /** @returns what ends the wait @param wake called once, when something has become visible */
  wait(wake: () => void): () => void
  ack(letter: Letter<T>): void
  release(letters: readonly Letter<T>[], delaySeconds?: number): void
  gauge(): VirtualGauge
}

export interface VirtualGauge {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
  readonly headAgeSeconds: number | undefined
}

export function createVirtualQueue<T>(agenda: Agenda): VirtualQueue<T> {
  const visible = createLine<T>()
  const waiters = new Set<() => void>()
  let [inFlight, delayed, place] = [0, 0, 0]

  /** The one that has waited longest is served first. */
  const serve = (): void => {
    for (const wake of waiters) {
      if (visible.size() === 0) return
      waiters.delete(wake)
      wake()
    }
  }
  const show = (letters: readonly Letter<T>[]): void => {
    for (const letter of letters) visible.push(letter)
    serve()
  }
  const hide = (letters: readonly Letter<T>[], seconds: number): void => {
    if (seconds <= 0) {
      show(letters)
      return
    }
    delayed += letters.length
    agenda.after(seconds, () => {
      delayed -= letters.length
      show(letters)
    })
  }

  return {
    send(contents, delaySeconds = 0) {
      const sentAt = agenda.now() * 1000
      hide(
        contents.map((content) => ({ handle: String(place), place: place++, sentAt, content })),
        delaySeconds,
      )
    },
    receive(most) {
      const letters: Letter<T>[] = []
      while (letters.length < most) {
        const next = visible.pop()
        if (!next) break
        letters.push(next)
      }
      inFlight += letters.length
      return letters
    },
    wait(wake) {
      waiters.add(wake)
      return () => void waiters.delete(wake)
    },
    ack: () => void inFlight--,
    release(letters, delaySeconds = 0) {
      inFlight -= letters.length
      hide(letters, delaySeconds)
    },
    gauge() {
      const head = visible.first()
      const headAgeSeconds = head && agenda.now() - head.sentAt / 1000
      return { visible: visible.size(), inFlight, delayed, headAgeSeconds }
    },
  }
}

/**
 * Letters in the order in which they were sent. Nearly all come in it, and wait in a row: a heap of a million takes
 * twenty comparisons for each. Only those that were handed back stand in a heap beside it.
 */
function createLine<T>(): Heap<Letter<T>> {
  const isBefore = (a: Letter<T>, b: Letter<T>): boolean => a.place < b.place
  const returned = createHeap(isBefore)
  let row: Letter<T>[] = []
  let at = 0
  const isReturnedFirst = (): boolean => {
    const [back, next] = [returned.first(), row[at]]
    return back !== undefined && (next === undefined || isBefore(back, next))
  }
  return {
    size: () => returned.size() + row.length - at,
    first: () => (isReturnedFirst() ? returned.first() : row[at]),
    push(letter) {
      const last = row.at(-1)
      if (last !== undefined && isBefore(letter, last)) returned.push(letter)
      else row.push(letter)
    },
    pop() {
      if (isReturnedFirst()) return returned.pop()
      const next = row[at++]
      if (at * 2 >= row.length) [row, at] = [row.slice(at), 0]
      return next
    },
  }
}
