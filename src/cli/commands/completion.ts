import { LadingError, printable } from '../../index.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { type Place, places } from '../completion/places.ts'
import { zshScript } from '../completion/zsh.ts'
import type { CommandInput } from '../io.ts'

const SHELLS: ReadonlyMap<string, (places: readonly Place[]) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])

export async function run({ args: [shell = ''], io }: CommandInput): Promise<number> {
  const script = SHELLS.get(shell)
  if (script === undefined) {
    throw new LadingError('E_USAGE', `there is no completion for "${printable(shell)}"`, {
      hint: 'Say bash, zsh or fish.',
    })
  }
  io.stdout.write(script(places()))
  return 0
}
