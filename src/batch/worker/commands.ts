import type { Clock } from '../clock.ts'
import { createCommandGate } from '../leader/control.ts'
import type { WorkerEmit } from './events.ts'
import type { Helm } from './helm.ts'
import type { Holdings } from './holdings.ts'
import type { IntakeOptions, Taken } from './intake.ts'

/** Commands received at once. */
const COMMANDS = 10

export interface CommandsOptions {
  readonly instance: string
  readonly holdings: Holdings
  readonly helm: Helm
  readonly clock: Clock
  readonly emit: WorkerEmit
  /** Fires when there is nothing left to command. */
  readonly over: AbortSignal
}

/** How the commands of an instance come in: also while it drains, so that it can still be stopped. */
export function commandsOf(
  options: CommandsOptions,
): Pick<IntakeOptions, 'place' | 'holdings' | 'room' | 'closed' | 'onTaken'> {
  const { instance, holdings, helm, emit, over } = options
  const gate = createCommandGate(options.clock)
  let last: Promise<void> = Promise.resolve()
  const obey = async ({ message, content }: Taken): Promise<void> => {
    if (content.kind !== 'command') return
    const verdict = gate(content)
    // Acked first: a command that ends us must not come again.
    holdings.done(message)
    await holdings.flush()
    if (verdict.status === 'refused') {
      emit({ type: 'refused', queue: holdings.queue.label, id: content.id, reason: verdict.reason })
      return
    }
    emit({ type: 'command', verb: content.verb, id: content.id })
    await helm.obey(content)
  }
  return {
    place: { kind: 'control', instance },
    holdings,
    room: () => COMMANDS,
    closed: over,
    onTaken(taken) {
      for (const each of taken) last = last.then(() => obey(each))
    },
  }
}
