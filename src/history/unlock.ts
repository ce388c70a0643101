import type { StoreOptions } from '../config/resolve.ts'
import { isPublished, nextSeq, openAndRead } from '../draft/opened.ts'
import type { Run } from '../line/run.ts'
import { deployName } from '../plan/deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { describeDeploy } from '../transfer/locked.ts'
import { LadingError } from '../words/errors.ts'

export interface UnlockOptions extends StoreOptions {
  /** `d5`, as in the message of E_LOCKED. @default the unsettled one */
  readonly name?: string | undefined
  /** Also one that still gives signs of life. @default false */
  readonly force?: boolean | undefined
}

/** What was given up; `undefined` when nothing was held. */
export interface Unlocked {
  readonly deploy: string
  readonly description: string
}

/**
 * Releases the deploy of a dead run, so that the next run need not wait for its lease; that run checks what was begun.
 * A holder that wakes up all the same finds that it has lost the deploy.
 * @throws E_LOCKED when its holder still gives signs of life, E_USAGE when it is not the unsettled deploy
 * @throws E_UNPUBLISHED where nothing is: a wrong address must not pass for a store without a deploy
 */
export async function unlock(options: UnlockOptions, run: Run = {}): Promise<Unlocked | undefined> {
  const opened = await openAndRead(options, run, run.emit ?? (() => {}))
  const { deploys, label } = opened.state
  const found = await deploys.read(nextSeq(opened))
  if (found === undefined && !isPublished(opened)) throw nothingThere(label)
  const current = found && deployName(found.deploy.seq)
  if (options.name !== undefined && options.name !== current) throw notThatOne(options.name, current)
  if (found === undefined || current === undefined) return undefined
  const description = describeDeploy(found, (run.clock ?? SYSTEM_CLOCK).wallMs())
  const isHeld = found.deploy.phase === 'publish' && found.deploy.holder !== ''
  if (!isHeld) return undefined
  const isDead = found.ageMs !== undefined && found.ageMs > found.deploy.leaseMs
  if (!isDead && !options.force) {
    throw new LadingError('E_LOCKED', 'This deploy still gives signs of life, or its store does not tell', {
      subject: label,
      details: [description],
      why: 'Two runs that write at once are what the lock keeps apart.',
      hint: `Wait, or if you know that it is dead: lading unlock ${current} --force`,
    })
  }
  const { deploy, etag } = found
  const given = await deploys.replace({ ...deploy, holder: '', renewals: deploy.renewals + 1 }, etag)
  if (given !== undefined) return { deploy: current, description }
  throw new LadingError('E_LOCKED', 'This deploy has just given a sign of life', {
    subject: label,
    details: [description],
  })
}

function nothingThere(subject: string): LadingError {
  return new LadingError('E_UNPUBLISHED', 'Nothing was published here, so no deploy can be held', {
    subject,
    hint: 'Check --to: a run that waits for a deploy prints the whole line that unlocks it.',
  })
}

function notThatOne(name: string, current: string | undefined): LadingError {
  return new LadingError('E_USAGE', `Deploy ${name} is not the one that is held`, {
    why: current === undefined ? 'No deploy is unfinished.' : `The unfinished one is ${current}.`,
    hint: current === undefined ? 'There is nothing to unlock.' : `lading unlock ${current}`,
  })
}
