import type { WaitEvent } from '../../index.ts'
import type { Voice } from '../session.ts'
import { waitLine } from './lines.ts'

/** Says what is waited for: on a terminal as often as it is looked at, in a log once for each deploy. */
export function waiting({ err, isQuiet }: Voice): (event: WaitEvent) => void {
  let saidFor: string | undefined
  return (event) => {
    if (isQuiet || (!err.isLive && event.deploy === saidFor)) return
    saidFor = event.deploy
    err.write(`${waitLine(event)}\n`)
  }
}
