/**
 * What a fleet may cost and what it has cost: `control/account.json`, once a batch has a budget. Hours are
 * instance-hours.
 */
export interface Account {
  readonly v: 1
  /** The budget of each open batch, in dollars. Empty: there is no cap. */
  readonly budgets: Readonly<Record<string, number>>
  /** What closed batches have spent, in dollars; part of the cap. */
  readonly closed: number
  /** Hours of instances that are gone. */
  readonly goneHours: number
  /** Hours of each current instance, up to the last look. */
  readonly hours: Readonly<Record<string, number>>
  /** Instances that have announced their end, the most recent ones: their group may list them for some minutes more. */
  readonly left: readonly string[]
}

/** What may still be spent. */
export interface Budget {
  /** Dollars not spent by instances that are gone; current ones draw on it too. */
  readonly left: number
  /** Dollars. */
  readonly instanceHour: number
  /** Maximum lifetime of an instance; each is budgeted for all of it. */
  readonly lifetimeHours: number
  /** Whether everything is spent, counting current instances. */
  readonly isSpent: boolean
}

export const NO_ACCOUNT: Account = { v: 1, budgets: {}, closed: 0, goneHours: 0, hours: {}, left: [] }

export interface Seen {
  /** All current instances. */
  readonly instances: readonly string[]
  /** Since the account was last written, in hours. */
  readonly sinceHours: number
  readonly lifetimeHours: number
  /** How long each has lived, by its own report. @default reports were not read */
  readonly lived?: Readonly<Record<string, number>> | undefined
}

/** The most that the first look charges for an instance that has not reported yet, in hours. */
const MUTE_HOURS = 0.25

/** What an instance that leaves still costs until it is gone, in hours: EC2 takes two minutes. */
const LEAVING_HOURS = 1 / 30

/** How many instances that left are remembered: more than can leave at a time. */
const LEFT = 500

/**
 * The account after a look at the fleet. Between two looks the worst case is assumed: a new instance started right
 * after the last one, a missing one ended just now. So instances that were ever seen cost no more than it says, except
 * for minutes of one that ends before its first report; one that came and went between two looks is not in it. No
 * instance is charged for more than its reported uptime, since the last look may be days ago.
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
    // At the latest its own timer has ended it, at the end of its lifetime.
    if (!(id in hours)) goneHours += Math.max(before, Math.min(before + since, lifetimeHours))
  }
  return { ...account, goneHours, hours }
}

/** The account after an instance has announced its end: the next look may be long after. */
export function without(account: Account, instance: string): Account {
  const { [instance]: lived, ...hours } = account.hours
  if (lived === undefined) return account
  const left = [...account.left, instance].slice(-LEFT)
  return { ...account, goneHours: account.goneHours + lived + LEAVING_HOURS, hours, left }
}

/**
 * The account without closed batches: what they have not spent is forfeited, what they have spent is not charged to the
 * others. Whose work an instance did is not recorded, so closed batches pay first; once none is open they have paid
 * everything.
 */
export function closing(account: Account, batches: readonly string[], instanceHour: number): Account {
  const entries = Object.entries(account.budgets)
  const open = entries.filter(([batch]) => !batches.includes(batch))
  const theirs = sum(entries.filter(([batch]) => batches.includes(batch)).map(([, dollars]) => dollars))
  const spent = instanceHour * sum([account.goneHours, ...Object.values(account.hours)])
  const closed = open.length === 0 ? spent : Math.max(account.closed, Math.min(spent, account.closed + theirs))
  return { ...account, budgets: Object.fromEntries(open), closed }
}

/** The account once a batch is submitted, with a budget or without. */
export function allowed(
  account: Account | undefined,
  {
    batch,
    dollars,
    over,
    isEmpty,
    instanceHour,
  }: {
    readonly batch: string
    readonly dollars: number | undefined
    /** Batches that have closed. */
    readonly over: readonly string[]
    /** Whether there is no instance, and none is wished for. */
    readonly isEmpty: boolean
    readonly instanceHour: number
  },
): Account {
  const own = dollars === undefined ? {} : { [batch]: dollars }
  if (!account) return { ...NO_ACCOUNT, budgets: own }
  const open = closing(account, over, instanceHour)
  if (isEmpty && Object.keys(open.budgets).length === 0) return { ...NO_ACCOUNT, budgets: own }
  return { ...open, budgets: { ...open.budgets, ...own } }
}

/** `undefined` where nobody has set a cap. */
export function budgetOf(
  { budgets, closed, goneHours, hours }: Account,
  { instanceHour, lifetimeHours }: Pick<Budget, 'instanceHour' | 'lifetimeHours'>,
): Budget | undefined {
  const spending = spendingOf({ budgets, closed, goneHours, hours }, instanceHour)
  if (!spending) return undefined
  const { cap, spent } = spending
  const overdue = sum(Object.values(hours).map((each) => Math.max(0, each - lifetimeHours)))
  return { left: cap - instanceHour * (goneHours + overdue), instanceHour, lifetimeHours, isSpent: spent >= cap }
}

/** What was spent of what is allowed, by the account alone. In dollars. */
export interface Spending {
  readonly spent: number
  /** What closed batches have spent, and what the open ones allow. */
  readonly cap: number
  /** Of each open batch that has one. */
  readonly budgets: Account['budgets']
}

/** @param instanceHour dollars */
export function spendingOf(
  { budgets, closed, goneHours, hours }: Pick<Account, 'budgets' | 'closed' | 'goneHours' | 'hours'>,
  instanceHour: number,
): Spending | undefined {
  if (Object.keys(budgets).length === 0) return undefined
  const cap = closed + sum(Object.values(budgets))
  return { spent: instanceHour * sum([goneHours, ...Object.values(hours)]), cap, budgets }
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)
