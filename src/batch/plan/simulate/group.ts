import { LEAVE_EARLY_MINUTES, NOTICE_GRACE_SECONDS, SHUTDOWN_SECONDS } from '../leaving.ts'
import { type Agenda, every } from './agenda.ts'
import type { VirtualWorker } from './worker.ts'

/** How long the lease of a job lasts that nobody has handed back, in seconds. */
const LEASE_SECONDS = 60
const HOUR_SECONDS = 3600

export interface GroupOptions {
  readonly agenda: Agenda
  /** From 0 up to but not including 1. */
  readonly random: () => number
  /** Instances at most: `MaxSize`. */
  readonly max: number
  /** From the wish for an instance to its first message. */
  readonly bootSeconds: number
  /** How long one lives at most. @default without end */
  readonly lifetimeMinutes?: number | undefined
  /** How often EC2 takes an instance away in an hour, on average. */
  readonly interruptionsPerHour: number
  readonly makeWorker: (member: Member, ended: (isTaken: boolean) => void) => VirtualWorker
  /** Called before an instance leaves, whose worker has ended. */
  readonly leaving: (member: Member) => void
}

export interface Member {
  readonly id: string
  readonly bornAt: number
  /** As soon as it has booted. */
  worker?: VirtualWorker
  /** Whether it has left its group, which counts it no more, and only finishes what it holds. */
  isLeaving?: boolean
}

/** A change of how many instances the group has; those that have left it and only finish are not in it. */
export interface Step {
  readonly seconds: number
  readonly instances: number
}

export interface Group {
  /** As a fleet counts. */
  count(): {
    readonly desired: number
    readonly inService: number
    readonly max: number
    readonly instances: readonly string[]
  }
  grow(desired: number): void
  members(): readonly Member[]
  figures(): Figures
}

export interface Figures {
  readonly started: number
  /** By EC2. */
  readonly taken: number
  readonly instanceSeconds: number
  readonly steps: readonly Step[]
}

/** An Auto Scaling group: it starts as many instances as are wished for, and others for those that EC2 takes away. */
export function createGroup(options: GroupOptions): Group {
  const { agenda, max, lifetimeMinutes } = options
  const members = new Map<string, Member>()
  const steps: Step[] = [{ seconds: 0, instances: 0 }]
  let [desired, started, taken, goneSeconds] = [0, 0, 0, 0]

  const counted = (): readonly Member[] => [...members.values()].filter(({ isLeaving }) => !isLeaving)
  const noteStep = (): void => void steps.push({ seconds: agenda.now(), instances: counted().length })
  const fill = (): void => {
    while (counted().length < desired) start()
  }
  const start = (): void => {
    const member: Member = { id: `i-${++started}`, bornAt: agenda.now() }
    members.set(member.id, member)
    noteStep()
    agenda.after(options.bootSeconds, () => {
      if (!isThere(member) || member.isLeaving) return
      const ended = (isTaken: boolean): void => end(member, isTaken)
      member.worker = options.makeWorker(member, ended)
    })
    if (lifetimeMinutes !== undefined) agenda.after((lifetimeMinutes - LEAVE_EARLY_MINUTES) * 60, () => expire(member))
    if (options.interruptionsPerHour > 0) agenda.after(secondsToNotice(options), () => takeAway(member))
  }
  const isThere = ({ id }: Member): boolean => members.has(id)
  const leave = (member: Member): void => {
    if (member.isLeaving) return
    desired -= 1
    member.isLeaving = true
    noteStep()
  }
  /** Its own timer: it leaves the group first, so that no other is started, and then has the worker end. */
  const expire = (member: Member): void => {
    if (!isThere(member)) return
    leave(member)
    const { worker } = member
    worker?.drain()
    if (worker) agenda.after(SHUTDOWN_SECONDS, () => worker.stop(LEASE_SECONDS))
    else end(member, false)
  }
  const takeAway = (member: Member): void => {
    if (!isThere(member)) return
    taken += 1
    const { worker } = member
    worker?.drain(true)
    if (worker) agenda.after(NOTICE_GRACE_SECONDS, () => worker.stop())
    else end(member, true)
  }
  const end = (member: Member, isTaken: boolean): void => {
    if (!isThere(member)) return
    if (member.worker) options.leaving(member)
    if (!isTaken) leave(member)
    members.delete(member.id)
    goneSeconds += agenda.now() - member.bornAt
    noteStep()
    fill()
  }

  return {
    count: () => ({
      ...{ desired, max },
      inService: counted().filter(({ worker }) => worker !== undefined).length,
      instances: [...members.keys()],
    }),
    grow(wished) {
      desired = Math.max(desired, Math.min(wished, max))
      fill()
    },
    members: () => [...members.values()],
    figures() {
      const there = [...members.values()].reduce((sum, { bornAt }) => sum + agenda.now() - bornAt, 0)
      return { started, taken, instanceSeconds: goneSeconds + there, steps }
    },
  }
}

/** Interruptions are without memory, as far as is known: the time to the next is exponentially distributed. */
function secondsToNotice({ random, interruptionsPerHour }: GroupOptions): number {
  return (-Math.log(1 - random()) / interruptionsPerHour) * HOUR_SECONDS
}

/** Calls an instance's deed every so often, from now until its worker has ended. */
export function whileItWorks(agenda: Agenda, member: Member, seconds: number, deed: () => void): void {
  every(agenda, seconds, () => {
    if (member.worker?.isEnded()) return false
    deed()
    return true
  })
}
