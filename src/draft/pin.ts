import { relative } from 'node:path'
import type { SyncOptions, Target } from '../config/interface.ts'
import type { Action } from '../plan/plan.ts'
import { contentDigest } from '../plan/release.ts'
import type { PlannedChange, SavedPlan } from '../plan/saved-plan.ts'
import { VERSION } from '../version.ts'
import { sameHeaders } from '../words/headers.ts'
import { isNews } from './change.ts'
import type { Draft } from './draft.ts'
import type { RepairOptions } from './repair-options.ts'

/** A plan that is carried out another time than it is made. */
export interface PlannedOptions {
  /** File of a saved plan: what would be done now is that plan, or is refused. @default none */
  readonly planned?: string | undefined
}

export interface SavingOptions {
  /** File that the plan is saved to, for `planned`; one that holds an earlier plan is replaced. @default none */
  readonly saveTo?: string | undefined
}

export type PlanOptions = SyncOptions & RepairOptions & PlannedOptions & SavingOptions

/** They say how a run works, or concern other commands: a plan is for any machine. */
const OF_THE_RUN: ReadonlySet<keyof PlanOptions> = new Set([
  'root',
  'order',
  'lockTimeoutMs',
  'keepReleases',
  'keepDays',
  'concurrency',
  'mostAtOnce',
  'requestTimeoutMs',
  'transport',
  'retries',
  'cacheDir',
  'planned',
  'saveTo',
])

/** Options that a plan is made for. Folders of the project are named from its root, wherever that lies. */
export function pinnedOptions(options: PlanOptions): SavedPlan['options'] {
  const { root, target, state, cdn, delivery, pictures } = options
  return {
    ...Object.fromEntries(Object.entries(options).filter(([key]) => !OF_THE_RUN.has(key as keyof PlanOptions))), // its own keys
    target: placeOf(target),
    state: state && placeOf(state),
    cdn: cdn && { ...cdn, profile: undefined },
    delivery: 'dir' in delivery ? { ...delivery, dir: relative(root, delivery.dir) } : delivery,
    pictures: pictures && { ...pictures, manifest: relative(root, pictures.manifest) },
    repair: options.repair === true,
    download: options.download === true,
  }
}

/** Whoever plans may have other credentials than who deploys. */
const placeOf = (target: Target): object => ({ ...target, label: undefined, profile: undefined })

export function pin(made: Draft, options: PlanOptions): SavedPlan {
  const { pointer } = made.live ?? {}
  return {
    lading: VERSION,
    options: pinnedOptions(options),
    store: {
      seq: pointer?.seq ?? 0,
      release: pointer?.channels.get(options.channel)?.release ?? null,
      manifest: pointer?.manifest?.sha256 ?? null,
    },
    publishes: isNews(made),
    content: contentDigest(made.content),
    changes: [...made.actions.flatMap(changesOf), ...originChanges(made)],
  }
}

const OPS: Readonly<Record<Exclude<Action['op'], 'keep' | 'put'>, PlannedChange['op']>> = {
  confirm: 'add', // sent already or to be sent, it is a new object of the release
  adopt: 'adopt',
  mend: 'change',
  reheader: 'headers',
  expire: 'expire',
  remove: 'remove',
}

function changesOf(action: Action): PlannedChange[] {
  if (action.op === 'keep') return []
  if (action.op === 'expire' || action.op === 'remove') return [{ op: OPS[action.op], key: action.stored.key }]
  const { key, body, headers } = action.object
  const op = action.op !== 'put' ? OPS[action.op] : action.reason === 'new' ? 'add' : 'change'
  return [{ op, key, sha256: body.sha256, bytes: body.size, headers }]
}

function originChanges({ origin }: Draft): PlannedChange[] {
  const { write = [], remove = [] } = origin ?? {}
  return [
    ...write.map(({ path, body }) => ({ op: 'write' as const, key: path, sha256: body.sha256, bytes: body.size })),
    ...remove.map(({ path }) => ({ op: 'delete' as const, key: path })),
  ]
}

/** Whether a change has been made already. A run that dies leaves some behind, and another run over its plan goes on. */
export function doneIn({ actions, manifest, origin }: Draft): (change: PlannedChange) => boolean {
  const kept = new Map(actions.flatMap((action) => (action.op === 'keep' ? [[action.object.key, action.object]] : [])))
  const written = new Map((origin?.unchanged ?? []).map(({ path, body }) => [path, body.sha256]))
  return ({ op, key, sha256, headers }) => {
    if (op === 'expire') return false
    if (op === 'remove') return !manifest?.rows.has(key)
    if (op === 'write') return written.get(key) === sha256
    if (op === 'delete') return !written.has(key)
    const object = kept.get(key)
    return object?.body.sha256 === sha256 && sameHeaders(object?.headers ?? {}, headers ?? {})
  }
}
