import { isAnswer } from '../ask.ts'
import type { Check, Fault } from '../finding.ts'
import { isLink, type Use } from '../use.ts'

const IS_THERE = 'Publish the file (`lading verify --to STORE` says what is missing), or mend the reference.'

/** It answers, with 200, and where it was asked for. */
export const status: Check = ({ use, visit }) => {
  if (visit === undefined) return []
  const { asked, location } = visit
  if (!isAnswer(asked)) {
    const why = `The visitor gets nothing: ${asked.failure}.`
    return [fault('unreachable', 'does not answer', why, 'Check the host and the way to it.')]
  }
  if (location !== undefined) return redirected(use, location)
  if (asked.status === 200) return tooLarge(asked.isTooLarge)
  return [fault('status', `answers ${asked.status}`, 'The visitor does not get it.', IS_THERE)]
}

function redirected(use: Use, location: string): Fault[] {
  const { via, url } = use
  if (location === url || via.includes(location) || via.length > MOST_HOPS)
    return [fault('status', 'redirects in a circle', 'No visitor arrives.', 'Mend the redirects of the server.')]
  if (isLink(use) || via.length > 0) return []
  const why = 'Each visitor asks twice; caching and CORS of the first answer count too.'
  return [fault('redirected', `redirects to ${location}`, why, 'Name the address that it leads to.')]
}

/** As many as are followed; the answer after them sends on again. */
const MOST_HOPS = 19

function tooLarge(isTooLarge: boolean): Fault[] {
  if (!isTooLarge) return []
  const why = 'It was not read to its end, so what it names was not followed, nor its integrity compared.'
  return [fault('size', 'is larger than what is read', why, 'Make it smaller; pages and sheets of this size are slow.')]
}

const fault = (kind: Fault['kind'], message: string, why: string, fix: string): Fault => ({ kind, message, why, fix })
