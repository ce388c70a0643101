import type { LadingError } from '../index.ts'
import type { Flags } from './io.ts'
import { attributeOf, type OptionRow } from './option-rows.ts'

/** @throws E_USAGE for a flag that would do nothing without another one, or beside it */
export async function refuseIdle(rows: readonly OptionRow[], flags: Flags): Promise<void> {
  for (const row of rows) {
    const { needs, without } = row
    if ((needs ?? without) === undefined || !isGiven(row.flags, flags)) continue
    const flag = longName(row.flags)
    if (needs !== undefined && !isGiven(needs, flags)) {
      const whole = rows.find((other) => longName(other.flags) === needs)?.flags ?? needs
      const written = whole.replace(/<(.+)>/, (_, name: string) => name.toUpperCase())
      throw await idle(flag, `without ${needs}`, `Add ${written}, or leave ${flag} out.`)
    }
    if (without !== undefined && isGiven(without, flags)) {
      throw await idle(flag, `with ${without}`, 'Leave one of them out.')
    }
  }
}

/** @throws E_USAGE for the first of these flags that is given: `what` has no use for it */
export async function refuseFlags(flags: Flags, names: readonly string[], what: string): Promise<void> {
  const flag = names.find((name) => isGiven(name, flags))
  if (flag !== undefined) throw await idle(flag, `with ${what}`, `Leave ${flag} out.`)
}

const longName = (flags: string): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags

const isGiven = (name: string, flags: Flags): boolean => flags[attributeOf({ flags: name })] !== undefined

/** The core is loaded only now. */
async function idle(flag: string, when: string, hint: string): Promise<LadingError> {
  const { LadingError } = await import('../index.ts')
  return new LadingError('E_USAGE', `${flag} does nothing ${when}`, { hint })
}
