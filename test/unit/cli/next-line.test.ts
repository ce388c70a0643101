import { expect, it } from 'vitest'
import { placesIn, shellLine } from '../../../src/cli/next-line.ts'
import { ROLLBACK_OPTIONS } from '../../../src/cli/options.ts'

it.each([
  ['nothing was given', [], []],
  ['a store', ['site', '--to', 's3://b/p?region=x', '-q'], ['--to', 's3://b/p?region=x']],
  ['with an equals sign', ['--to=./store', '--channel=next', '--json'], ['--to=./store', '--channel=next']],
  ['switches', ['site', '--in-place', '--url', '/_a/', '--dry-run'], ['--in-place']],
  ['flags that only a deploy takes', ['--include', 'site/**', '--config', 'other.json'], ['--config', 'other.json']],
])('of a line the places are kept for the way back: %s', (_what, words, kept) => {
  expect(placesIn(words, ROLLBACK_OPTIONS)).toEqual(kept)
})

it('words that a shell would take apart are quoted', () => {
  expect(shellLine('rollback', ['r1-a', '--to', "./it's here"])).toBe("lading rollback r1-a --to './it'\\''s here'")
})
