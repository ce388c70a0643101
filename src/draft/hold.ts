import { optionDifferences, planDifferences } from '../plan/saved-plan.ts'
import { VERSION } from '../version.ts'
import { LadingError } from '../words/errors.ts'
import { type Again, FIRST } from './change.ts'
import type { Draft } from './draft.ts'
import { doneIn, type PlanOptions, pin, pinnedOptions } from './pin.ts'
import { planLine, readSavedPlan } from './plan-file.ts'

/** What a run is held to. */
export interface Held {
  /** @throws E_PLAN_STALE when this is not what was planned */
  check(made: Draft, again?: Again): void
}

/**
 * Reads the plan that a run is to carry out, and holds it against the options.
 * @throws E_PLAN, E_PLAN_STALE
 */
export function holdTo(file: string, options: PlanOptions): Held {
  const saved = readSavedPlan(file, options)
  const refuse = (differences: readonly string[], why: string): void => {
    if (differences.length === 0) return
    const isOfOther = saved.lading !== VERSION
    throw new LadingError('E_PLAN_STALE', 'What would be done now is not what was planned', {
      subject: file,
      details: [...differences, ...(isOfOther ? [`lading: planned with ${saved.lading}, now ${VERSION}`] : [])],
      why: `A saved plan is carried out as it is or not at all. ${why}`,
      hint: `Plan again, and look at it: ${planLine(file, options)}`,
    })
  }
  refuse(optionDifferences(saved, pinnedOptions(options)), NOTHING_WRITTEN)
  return {
    check(made, again = FIRST) {
      const now = pin(made, options)
      const isLive = made.isLive() && now.content === saved.content
      // published, and then overwritten by a run that was thought dead: the plan is what puts it right
      if (isLive && again.suspects.length > 0) return
      const differences = planDifferences(saved, now, doneIn(made))
      if (isLive && now.store.seq !== saved.store.seq)
        differences.push('site: the release that was planned is live already')
      refuse(differences, outcomeOf(again))
    },
  }
}

const NOTHING_WRITTEN = 'Nothing was written.'

function outcomeOf(again: Again): string {
  if (again === FIRST) return NOTHING_WRITTEN
  return again.suspects.length > 0
    ? 'It was carried out, and another run has published since.'
    : 'Another run came first; this one has not published.'
}
