/** What a fleet may cost and what it has cost: `control/account.json`, once a batch has a budget. Hours are instances'. */
export interface Account {
  readonly v: 1
  /** What each open batch allows, in dollars. Of nobody: there is no cap. */
  readonly budgets: Readonly<Record<string, number>>
  /** What batches have spent that have closed, in dollars; it belongs to the cap. */
  readonly closed: number
  /** Of instances that are gone. */
  readonly goneHours: number
  /** Of each that is there, until it was last looked at. */
  readonly hours: Readonly<Record<string, number>>
  /** Have said that they leave, the last ones: their group may show them for some minutes more. */
  readonly left: readonly string[]
}

/** What may still be spent. */
export interface Budget {
  /** Dollars that instances which are gone have not spent. Those that are there live from it too. */
  readonly left: number
  /** Dollars. */
  readonly instanceHour: number
  /** How long an instance may live, for it is paid for as if it did. */
  readonly lifetimeHours: number
  /** Whether everything is spent already, by those that are there too. */
  readonly isSpent: boolean
}

export const NO_ACCOUNT: Account = { v: 1, budgets: {}, closed: 0, goneHours: 0, hours: {}, left: [] }

export interface Seen {
  /** All that there are now. */
  readonly instances: readonly string[]
  /** Since the account was last written, in hours. */
  readonly sinceHours: number
  readonly lifetimeHours: number
  /** How long each has lived, of those that say so. @default nobody was asked */
  readonly lived?: Readonly<Record<string, number>> | undefined
}

/** An instance that is silent for so long, in hours, is taken for gone; the silence is not charged. */
const MUTE_HOURS = 0.25

/** What an instance that leaves still costs until it is gone, in hours: EC2 takes two minutes. */
const LEAVING_HOURS = 1 / 30

/** Of so many that left the names are kept: more than can leave at a time. */
const LEFT = 500

/**
 * The account after a look at the fleet. Between two looks the worst is taken for true: who is new came right after the
 * last one, who is gone left just now. So those that were ever seen have not cost more than it says, but for minutes of
 * one that ends before it has said anything; who came and went between two looks is not in it. Nobody is charged more than
 * it has lived by its own word, for there may have been nobody to look for days.
 */
export function observed(account: Account, { instances, sinceHours, lifetimeHours, lived }: Seen): Account {
  const since = Math.min(sinceHours, lifetimeHours)
  const most = (id: string): number => {
    if (!lived) return Number.POSITIVE_INFINITY
    return lived[id] ?? (id in account.hours ? Number.POSITIVE_INFINITY : MUTE_HOURS)
  }
  const hours: Record<string, number> = {}
  const there = instances.filter((id) => !account.left.includes(id))
  for (const id of there) hours[id] = Math.min((account.hours[id] ?? 0) + since, most(id))
  let { goneHours } = account
  for (const [id, before] of Object.entries(account.hours)) {
    // Its own timer has ended it at its age, if nobody has before.
    if (!(id in hours)) goneHours += Math.max(before, Math.min(before + since, lifetimeHours))
  }
  return { ...account, goneHours, hours }
}

/** The account when an instance says that it leaves: nobody may be there to miss it for a long time. */
export function without(account: Account, instance: string): Account {
  const { [instance]: lived, ...hours } = account.hours
  if (lived === undefined) return account
  const left = [...account.left, instance].slice(-LEFT)
  return { ...account, goneHours: account.goneHours + lived + LEAVING_HOURS, hours, left }
}

/**
 * The account without batches that have closed: what they have not spent is gone with them, what they have burdens none
 * of the others. Nobody notes whose work an instance did, so they have paid first. Once none is left they have paid all.
 */
export function closing(account: Account, batches: readonly string[], instanceHour: number): Account {
  const entries = Object.entries(account.budgets)
  const open = entries.filter(([batch]) => !batches.includes(batch))
  const theirs = sum(entries.filter(([batch]) => batches.includes(batch)).map(([, dollars]) => dollars))
  const spent = instanceHour * sum([account.goneHours, ...Object.values(account.hours)])
  const closed = open.length === 0 ? spent : Math.max(account.closed, Math.min(spent, account.closed + theirs))
  return { ...account, budgets: Object.fromEntries(open), closed }
}

/** `undefined` where nobody has set a cap. */
export function budgetOf(
  { budgets, closed, goneHours, hours }: Account,
  { instanceHour, lifetimeHours }: Pick<Budget, 'instanceHour' | 'lifetimeHours'>,
): Budget | undefined {
  if (Object.keys(budgets).length === 0) return undefined
  const cap = closed + sum(Object.values(budgets))
  const there = Object.values(hours)
  const overdue = sum(there.map((each) => Math.max(0, each - lifetimeHours)))
  const spent = instanceHour * sum([goneHours, ...there])
  return { left: cap - instanceHour * (goneHours + overdue), instanceHour, lifetimeHours, isSpent: spent >= cap }
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)
