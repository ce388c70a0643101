import { type Arch, LadingError, printable } from '../index.ts'
import { ARCHES } from './batch-options.ts'
import type { Flags } from './io.ts'

/** `--arch`, of the instances. @throws E_USAGE */
export function archFlag({ arch = 'arm64' }: Flags): Arch {
  const found = ARCHES.find((known) => known === arch)
  if (found) return found
  throw new LadingError('E_USAGE', `there are no instances for "${printable(String(arch))}"`, {
    hint: 'Say arm64 or x64.',
  })
}
