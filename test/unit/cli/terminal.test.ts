import { describe, expect, it } from 'vitest'
import { createTerminal } from '../../../src/cli/terminal.ts'
import { createScreen } from './screen.ts'

const RED = '\x1b[31mx\x1b[39m'

describe('colour', () => {
  it.each([
    ['on a terminal', true, {}, true, RED],
    ['in a pipe', false, {}, true, 'x'],
    ['with NO_COLOR=1', true, { NO_COLOR: '1' }, true, 'x'],
    ['with NO_COLOR= empty', true, { NO_COLOR: '' }, true, RED],
    ['with FORCE_COLOR=1 in a pipe', false, { FORCE_COLOR: '1' }, true, RED],
    ['with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, true, 'x'],
    ['with TERM=dumb', true, { TERM: 'dumb' }, true, 'x'],
    ['with --no-color, whatever is forced', true, { FORCE_COLOR: '1' }, false, 'x'],
  ])('%s', (_, isTTY, env, color, text) => {
    expect(createTerminal(createScreen({ isTTY }), { env, color }).style('red', 'x')).toBe(text)
  })
})

describe('a live line', () => {
  it.each([
    ['a terminal with a width', { isTTY: true, columns: 80 }, {}, true],
    ['a pipe', { columns: 80 }, {}, false],
    ['a terminal of 0 columns', { isTTY: true, columns: 0 }, {}, false],
    ['a terminal of unknown width', { isTTY: true }, {}, false],
    ['CI', { isTTY: true, columns: 80 }, { CI: 'true' }, false],
    ['TERM=dumb', { isTTY: true, columns: 80 }, { TERM: 'dumb' }, false],
  ])('in %s: %s', (_, look, env, isLive) => {
    expect(createTerminal(createScreen(look), { env }).isLive).toBe(isLive)
  })
})

describe('signs', () => {
  it.each([
    [{ LANG: 'en_GB.UTF-8' }, '✔'],
    [{ LANG: 'C.utf8' }, '✔'],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, 'ok'],
    [{}, 'ok'],
  ])('with %j are %s', (env, sign) => {
    expect(createTerminal(createScreen(), { env }).glyphs.ok).toBe(sign)
  })
})
