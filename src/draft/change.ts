import type { Action } from '../plan/plan.ts'
import type { ReleaseContent } from '../plan/release.ts'
import type { OriginPlan } from '../transfer/origin.ts'
import type { Body, Key, SitePath } from '../words/model.ts'
import type { Opened } from './opened.ts'
import { mustSettle } from './unsettled.ts'

/** A complete plan, not yet carried out: what a deploy will do to the store and the origin, whatever it came from. */
export interface Change extends Opened {
  readonly actions: readonly Action[]
  readonly content: ReleaseContent
  /** Whether the live release of this channel is already what this one would be; only a digest of everything tells. */
  readonly isLive: () => boolean
  /** The release that this one puts back. */
  readonly restores: string | undefined
  readonly origin: OriginPlan | undefined
  /** Whether the origin's folder is Lading's own. */
  readonly isOut: boolean
  /** Bytes of the pages that the origin serves. */
  readonly pageBodies: ReadonlyMap<SitePath, Body>
}

/** What is known when a change has to be planned again because another run came first. */
export interface Again {
  /** Hashed names that this run has sent already. */
  readonly sent: ReadonlyMap<Key, string>
  /** Keys found changed after publishing, to be checked again. */
  readonly suspects: readonly Key[]
}

/** Why a hashed name is not sent again in a later round of the same run. */
export const SENT_BY_US = 'sent by this run'

export const FIRST: Again = { sent: new Map(), suspects: [] }

/** Whether there is anything to publish: the live release may already be what this one would be. */
export function isNews(change: Pick<Change, 'isLive' | 'actions' | 'unsettled' | 'repair'>): boolean {
  return (
    change.actions.some(({ op }) => op !== 'keep') ||
    change.repair?.differs === true ||
    mustSettle(change) ||
    !change.isLive()
  )
}
