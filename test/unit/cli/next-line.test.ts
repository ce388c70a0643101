import { expect, it } from 'vitest'
import { placesIn, shellLine } from '../../../src/cli/next-line.ts'
import { ROLLBACK_OPTIONS } from '../../../src/cli/options.ts'
import { placed } from '../../../src/cli/placed.ts'

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

it.each([
  ['a command at its end', 'If it is dead: lading unlock d2', 'If it is dead: lading unlock d2 --to st'],
  ['a command alone', 'lading unlock d2', 'lading unlock d2 --to st'],
  ['a command of a group', 'lading batch status b', 'lading batch status b --to st'],
  ['a command that takes no store', 'Did you mean: lading rewrite dist', 'Did you mean: lading rewrite dist'],
  ['a command in a sentence', 'lading releases lists what there is.', 'lading releases lists what there is.'],
  ['a store that it has', 'lading releases --to other', 'lading releases --to other'],
  ['no command', 'Wait.', 'Wait.'],
])('a hint with %s gets the places of the line', (_what, hint, written) => {
  expect(placed(hint, ['sync', 'dist', '--to', 'st', '-q'])).toBe(written)
})

it.each([
  ['plan', 'Did you mean: lading sync site/dist', 'Did you mean: lading plan site/dist --to st'],
  ['estimate', 'Did you mean: lading sync site/dist', 'Did you mean: lading estimate site/dist --to st'],
  ['plan', 'Mend it: lading sync --repair', 'Mend it: lading sync --repair --to st'],
  ['explain', 'Did you mean: lading sync site/dist', 'Did you mean: lading sync site/dist --to st'],
])('a folder that is offered to %s leads nobody to deploy who did not want to: %s', (command, hint, written) => {
  expect(placed(hint, [command, 'site', '--to', 'st'])).toBe(written)
})

it.each(['--to=s3://name:secret@bucket', '--to=s3://bucket?endpoint=https://name:secret@host'])(
  'a place that carries a secret is not repeated: %s',
  (place) => {
    expect(placed('lading sync dist', ['sync', '--root', 'dist', place])).toBe('lading sync dist')
  },
)

it('words of a hint’s places are quoted', () => {
  expect(placed('lading unlock d2', ['sync', '--to', 's3://b/p?region=x'])).toBe(
    "lading unlock d2 --to 's3://b/p?region=x'",
  )
})

it('what npx runs is on no path, so its lines begin with npx', () => {
  const npx = { npm_command: 'exec' }
  expect(shellLine('sync', ['dist'], npx)).toBe('npx lading sync dist')
  expect(placed('Or: lading unlock d2', ['sync', '--to', 'st'], npx)).toBe('Or: npx lading unlock d2 --to st')
  const pnpm = { npm_command: 'exec', npm_config_user_agent: 'pnpm/10.34.9 npm/? node/v20.20.2 linux x64' }
  expect(shellLine('sync', ['dist'], pnpm)).toBe('pnpm exec lading sync dist')
  expect(shellLine('sync', ['dist'], { npm_command: 'run' })).toBe('lading sync dist')
})
