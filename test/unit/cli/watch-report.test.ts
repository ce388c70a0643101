import { describe, expect, it } from 'vitest'
import type { Reporter } from '../../../src/cli/reporters/reporter.ts'
import { watchReport } from '../../../src/cli/reporters/watch.ts'
import { createTerminal } from '../../../src/cli/terminal.ts'
import type { LadingEvent } from '../../../src/index.ts'
import { EVENTS } from './events.ts'
import { createScreen, type Screen } from './screen.ts'

const NOON = new Date(2026, 2, 1, 12, 1, 3).getTime()

function reportOn(screen: Screen, env: Record<string, string>, isVerbose = false): Reporter {
  const err = createTerminal(screen, { env, color: false })
  const clock = { wallMs: () => NOON, monotonicMs: () => 0, sleep: async () => {} }
  return watchReport({
    voice: { isJson: false, isQuiet: false, isVerbose, out: err, err },
    io: { stdout: screen, stderr: screen, env, cwd: '/project', run: { clock } },
    folder: 'dist',
  })
}

/** What stands on the screen after these events. */
function shown(
  events: readonly LadingEvent[],
  look: Parameters<typeof createScreen>[0] = {},
  isVerbose = false,
): string {
  const screen: Screen = createScreen(look)
  const env = look.isTTY ? { TERM: 'xterm', LANG: 'C.UTF-8' } : {}
  const report = reportOn(screen, env, isVerbose)
  for (const event of events) report.event(event)
  report.close()
  // as a terminal shows it: a line that is drawn again is gone
  const parts = screen.text.split('\r\u001b[K')
  return parts.filter((part) => part.includes('\n')).join('')
}

const WAITING: LadingEvent = { type: 'watch', state: 'waiting' }
const CHANGED: LadingEvent = { type: 'watch', state: 'changed', changes: 2, paths: ['a.html', 'css/b.css'] }
const RUN = EVENTS.filter(({ type }) => !['reference', 'retry', 'wait', 'waited', 'progress', 'file'].includes(type))

const RESULT =
  'Release r-1: 2 uploaded (184.3 kB), headers of 1 changed, 412 kept, 1 to expire, 1 page written (2.2 s).'

describe('a watch on the screen', () => {
  it('tells the first run whole, and of each later one when, what for and the result', () => {
    const whole = shown(RUN)
    expect(shown([...RUN, WAITING, CHANGED, ...RUN, WAITING])).toBe(
      `${whole}Watching dist; options were read once. Ctrl-C ends it.\n` +
        `12:01:03  2 changes: a.html, css/b.css\nreferences: 214 moved, 2 kept, 7 missing\nok: ${RESULT}\n`,
    )
  })

  it('does the same where a line can be drawn again', () => {
    const text = shown([...RUN, WAITING, CHANGED, ...RUN, WAITING], { isTTY: true, columns: 120 })
    const later = text.slice(text.indexOf('12:01:03'))
    expect(later).toBe(
      `12:01:03  2 changes: a.html, css/b.css\n  references: 214 moved, 2 kept, 7 missing\n✔ ${RESULT}\n`,
    )
  })

  it('calls the folder itself by its name, where it was replaced', () => {
    const text = shown([
      ...RUN,
      WAITING,
      { type: 'watch', state: 'changed', changes: 2, paths: ['.', 'a.html'] },
      ...RUN,
    ])
    expect(text).toContain('12:01:03  2 changes: dist, a.html\n')
  })

  it('tells a later run whole with --verbose', () => {
    const text = shown([...RUN, WAITING, CHANGED, ...RUN, WAITING], {}, true)
    expect(text.match(/^scan: /gm)).toHaveLength(2)
  })

  it('repeats no warning that the run before had, and tells it again after a run without', () => {
    const calm = RUN.filter(({ type }) => type !== 'warning')
    const text = shown([...RUN, WAITING, CHANGED, ...RUN, WAITING, CHANGED, ...calm, WAITING, CHANGED, ...RUN, WAITING])
    expect(text.match(/W_REF_MISSING/g)).toHaveLength(2)
  })

  it('takes a warning for the same where only the hashes of a bundler differ, and for another one else', () => {
    const about = (...items: string[]): LadingEvent[] => [
      { type: 'warning', code: 'W_CLASS_KEPT', message: 'named by their own paths', items },
      ...RUN.filter(({ type }) => type === 'summary'),
      WAITING,
    ]
    const built = [...about('a/index-B9P5sJOR.js'), CHANGED, ...about('a/index-DlHiPDKn.js')]
    expect(shown(built).match(/W_CLASS_KEPT/g)).toHaveLength(1)
    expect(shown([...about('holidays.png'), CHANGED, ...about('december.png')]).match(/W_CLASS/g)).toHaveLength(2)
    expect(shown([...about('p-holidays.png'), CHANGED, ...about('p-december.png')]).match(/W_CLASS/g)).toHaveLength(2)
  })

  it('says when a run that failed is tried again, and that it is', () => {
    expect(shown([WAITING, { ...WAITING, againMs: 80_000 }, { type: 'watch', state: 'again' }])).toBe(
      'Watching dist; options were read once. Ctrl-C ends it.\n' +
        'Trying again in 1 min 20 s, or with the next change.\n12:01:03  trying again\n',
    )
  })

  it('says what is watched also where the first run failed', () => {
    expect(shown([{ ...WAITING, againMs: 10_000 }])).toBe(
      'Trying again in 10.0 s, or with the next change.\nWatching dist; options were read once. Ctrl-C ends it.\n',
    )
  })

  it('says that a folder is missing or empty', () => {
    expect(shown([{ type: 'watch', state: 'empty' }])).toBe(
      'dist is missing or empty: waiting until a build has filled it.\n',
    )
  })

  it('shows what the first run is at where it waited for a folder', () => {
    const screen = createScreen({ isTTY: true, columns: 80 })
    const report = reportOn(screen, { LANG: 'C.UTF-8' })
    for (const event of [{ type: 'watch', state: 'empty' } as const, ...RUN.slice(0, 1)]) report.event(event)
    report.close()
    expect(screen.text).toContain('scanning …')
  })

  it.each([60, 80, 0])('names as many changes as fit in %d columns', (columns) => {
    const paths = Array.from({ length: 20 }, (_, index) => `folder/page-${index}\u202e.html`)
    const text = shown([{ type: 'watch', state: 'changed', changes: 4000, paths }], { columns })
    expect(text).toMatch(/^12:01:03 {2}4000 changes: folder\/page-0\\u\{202E\}\.html, .*\.\.\.\n$/s)
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns || 80)
  })
})
