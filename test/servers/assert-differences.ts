import { afterEach, beforeEach } from 'vitest'

interface Shown {
  /** Part of the failure's message. */
  readonly shows: string
}

/**
 * For the tests of this `describe`: one whose promise has a known difference must fail, and as it is described. A server
 * that learned better fails here.
 */
export function assertDifferences(known: (promise: string) => Shown | undefined): void {
  beforeEach(({ task }) => {
    if (known(task.name)) Object.assign(task, { fails: true })
  })
  afterEach(({ task }) => {
    const difference = known(task.name)
    const errors = task.result?.errors ?? []
    if (!difference || errors.length === 0) return
    if (!errors.some(({ message }) => message.includes(difference.shows))) Object.assign(task, { fails: false })
  })
}
