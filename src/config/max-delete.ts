import { DEFAULT_MAX_DELETE, type MaxDelete } from '../plan/max-delete.ts'
import { LadingError } from '../words/errors.ts'
import type { LadingConfig } from './interface.ts'
import { type ConfigSources, optionName } from './sources.ts'

/**
 * `25` and `"25"` are objects, `"5%"` is a share.
 * @throws E_USAGE
 */
export function parseMaxDelete(value: LadingConfig['maxDelete'], sources: ConfigSources | undefined): MaxDelete {
  if (value === undefined) return DEFAULT_MAX_DELETE
  const [, number, percent] = /^(\d{1,9})(%?)$/.exec(String(value).trim()) ?? []
  if (number !== undefined && percent === '') return { share: 0, count: Number(number) }
  if (number !== undefined && Number(number) <= 100) return { share: Number(number) / 100, count: 0 }
  throw new LadingError('E_USAGE', `${optionName('maxDelete', sources)} is neither a number nor a share`, {
    subject: String(value),
    hint: 'Write a number of objects (250) or a share of what is there (5%).',
  })
}
