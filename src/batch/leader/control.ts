import type { Clock } from '../clock.ts'
import { COMMAND_LIFE_SECONDS, type Command } from '../plan/messages.ts'

/** How far the clocks of operator and instance may differ, in milliseconds. */
const SKEW_MS = 300_000

export type CommandVerdict = { readonly status: 'accepted' } | { readonly status: 'refused'; readonly reason: string }

/**
 * Decides whether a command, already verified and addressed to us, may run: only before it expires, and only once. Ids
 * are remembered for as long as a replay could be valid.
 */
export function createCommandGate(clock: Pick<Clock, 'now'>): (command: Command) => CommandVerdict {
  const obeyed = new Map<string, number>()
  return (command) => {
    const now = clock.now()
    for (const [id, expires] of obeyed) if (expires + SKEW_MS < now) obeyed.delete(id)
    const reason = flawOf(command, now) ?? (obeyed.has(command.id) ? 'it was obeyed before' : undefined)
    if (reason !== undefined) return { status: 'refused', reason }
    obeyed.set(command.id, Date.parse(command.expires))
    return { status: 'accepted' }
  }
}

function flawOf({ issued, expires }: Command, now: number): string | undefined {
  const [from, to] = [Date.parse(issued), Date.parse(expires)]
  if (to - from > COMMAND_LIFE_SECONDS * 1000) return `it is good for longer than ${COMMAND_LIFE_SECONDS} s`
  if (from - SKEW_MS > now) return 'it was issued in the future'
  return to < now ? 'it has expired' : undefined
}
