import { formatCount, formatDollars } from '../../index.ts'

/** In seven letters: nobody looks at the cents of thousands. */
export const moneyText = (amount: number): string =>
  amount < 999.995 ? formatDollars(amount) : `$${formatCount(Math.round(amount))}`
