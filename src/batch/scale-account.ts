/** What a fleet may cost and what it has cost: `control/account.json`, once a batch has a budget. Hours are instances'. */
export interface Account {
  readonly v: 1
  /** What each batch allows, in dollars; together they are the cap. Of nobody: there is no cap. */
  readonly budgets: Readonly<Record<string, number>>
  /** Of instances that are gone. */
  readonly goneHours: number
  /** Of each that is there, until it was last looked at. */
  readonly hours: Readonly<Record<string, number>>
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

export const NO_ACCOUNT: Account = { v: 1, budgets: {}, goneHours: 0, hours: {} }

export interface Seen {
  /** All that there are now. */
  readonly instances: readonly string[]
  /** Since the account was last written, in hours. */
  readonly sinceHours: number
  readonly lifetimeHours: number
}

/**
 * The account after a look at the fleet. Between two looks the worst is taken for true: who is new came right after the
 * last one, who is gone left just now. So it never says less than what was spent, whoever looked and however seldom.
 */
export function observed(account: Account, { instances, sinceHours, lifetimeHours }: Seen): Account {
  const since = Math.min(sinceHours, lifetimeHours)
  const hours: Record<string, number> = {}
  for (const id of instances) hours[id] = (account.hours[id] ?? 0) + since
  let { goneHours } = account
  for (const [id, before] of Object.entries(account.hours)) {
    // Its own timer has ended it at its age, if nobody has before.
    if (!(id in hours)) goneHours += Math.max(before, Math.min(before + since, lifetimeHours))
  }
  return { ...account, goneHours, hours }
}

/** `undefined` where nobody has set a cap. */
export function budgetOf(
  { budgets, goneHours, hours }: Account,
  { instanceHour, lifetimeHours }: Pick<Budget, 'instanceHour' | 'lifetimeHours'>,
): Budget | undefined {
  if (Object.keys(budgets).length === 0) return undefined
  const cap = Object.values(budgets).reduce((sum, dollars) => sum + dollars, 0)
  const there = Object.values(hours)
  const overdue = there.reduce((sum, each) => sum + Math.max(0, each - lifetimeHours), 0)
  const spent = instanceHour * there.reduce((sum, each) => sum + each, goneHours)
  return { left: cap - instanceHour * (goneHours + overdue), instanceHour, lifetimeHours, isSpent: spent >= cap }
}
