import { LadingError } from '../index.ts'
import type { Flags } from './io.ts'

interface Range {
  readonly least: number
  readonly most: number
  /** @default false */
  readonly isWhole?: boolean
}

/** A flag's number; `undefined` when it was not given. @throws E_USAGE */
export function numberFlag(flags: Flags, name: string, { least, most, isWhole = false }: Range): number | undefined {
  const given = flags[name]
  if (given === undefined) return undefined
  if (typeof given === 'number' && given >= least && given <= most && (!isWhole || Number.isInteger(given)))
    return given
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new LadingError('E_USAGE', `--${flag} is out of range`, {
    why: `It must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, got ${String(given)}.`,
  })
}
