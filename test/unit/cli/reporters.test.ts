import { describe, expect, it, vi } from 'vitest'
import { errorEvent, renderError } from '../../../src/cli/reporters/error.ts'
import { createPlainReporter } from '../../../src/cli/reporters/plain.ts'
import { createPlanReport } from '../../../src/cli/reporters/plan.ts'
import type { Reporter } from '../../../src/cli/reporters/reporter.ts'
import { createTtyReporter } from '../../../src/cli/reporters/tty.ts'
import { createTerminal, type Terminal } from '../../../src/cli/terminal.ts'
import { type FileEvent, LadingError, type LadingEvent, type Phase, type SummaryEvent } from '../../../src/index.ts'
import { ERROR, EVENTS } from './events.ts'
import { createScreen, type Screen } from './screen.ts'

const terminalOn = (screen: Screen, env: Record<string, string> = {}): Terminal => createTerminal(screen, { env })

function feed(reporter: Reporter, events: readonly LadingEvent[] = EVENTS): void {
  for (const event of events) reporter.event(event)
  reporter.close()
}

const summaryWith = (changes: Partial<SummaryEvent>): SummaryEvent => {
  const summary = EVENTS.find((event) => event.type === 'summary')
  if (summary === undefined) throw new Error('the sample run has no summary')
  return { ...summary, ...changes }
}

const NO_CHANGES = {
  added: 0,
  changed: 0,
  reheadered: 0,
  expired: 0,
  pages: { written: 0, unchanged: 1, removed: 0 },
  published: false,
}

describe('the plain reporter', () => {
  const plain = (isVerbose: boolean, now = (): number => 0): [Screen, Reporter] => {
    const screen = createScreen()
    return [screen, createPlainReporter({ terminal: terminalOn(screen), isVerbose, cwd: '/project', now })]
  }

  it('writes a line for each phase, the warnings and the result, in ASCII', () => {
    let ms = 0
    const [screen, reporter] = plain(false, () => (ms += 1000))
    feed(reporter)
    expect(screen.text.split('\n')).toEqual([
      'lading 0.1.0  dist -> s3://site-assets/x/  offload https://cdn.example.com/  channel production',
      'scan: 416 files  19.1 MB  0.2 s',
      'plan: 3 files  208.7 kB  0.0 s',
      '  1/3 files  104.3 kB of 208.7 kB  1 retry',
      'waiting for deploy d5 of channel preview, last sign of life 3.1 s ago',
      'upload: 3 files  208.7 kB  1.4 s',
      'references: 214 moved, 2 kept, 7 missing',
      '1 warning',
      '  ! W_REF_MISSING  7 references name no file',
      '      a:1',
      '      b:2',
      '      c:3',
      '      d:4',
      '      e:5',
      '      ... and 2 more (-v shows all)',
      '      fix  add the files',
      'ok: Release r-1: 2 uploaded (184.3 kB), headers of 1 changed, 412 kept, 1 to expire, 1 page written (2.2 s).',
      '',
    ])
    expect(screen.text).toMatch(/^[\n\x20-\x7e]*$/)
  })

  it('names every file, retry and item with -v, with nothing that steers the terminal', () => {
    const [screen, reporter] = plain(true)
    feed(reporter)
    expect(screen.text).toContain(`+ ${'a/app.js'.padEnd(40)}   182.4 kB  new\n`)
    expect(screen.text).toContain('retry 2: a/app.js  503 SlowDown\n')
    expect(screen.text).toContain('g\\u{202E}:7\n')
  })

  it('reports progress at each tenth, every ten seconds, and not in the first second', () => {
    let ms = 0
    const [screen, reporter] = plain(false, () => ms)
    const at = (done: number): void =>
      reporter.event({ type: 'progress', files: { done, total: 1000 }, bytes: { done, total: 1000 }, retries: 0 })
    for (let done = 0; done < 1000; done++) at(done)
    expect(screen.writes).toEqual([])
    for (let done = 0; done < 1000; done++) {
      ms += 50
      at(done)
    }
    expect(screen.writes).toHaveLength(9)
    ms += 10_000
    at(999)
    expect(screen.writes).toHaveLength(10)
  })

  it('says why it plans a second time', () => {
    const [screen, reporter] = plain(false)
    const phase = (name: Phase): LadingEvent => ({ type: 'phase', phase: name, files: 1, bytes: 1, ms: 0 })
    feed(reporter, [phase('scan'), phase('plan'), phase('scan'), phase('plan'), phase('upload'), phase('publish')])
    expect(screen.text.split('\n').map((line) => line.split(':')[0])).toEqual([
      'scan',
      'plan',
      'planning anew',
      'scan',
      'plan',
      'upload',
      'publish',
      '',
    ])
  })

  it('tells a retry when nothing was said for ten seconds', () => {
    let ms = 0
    const [screen, reporter] = plain(false, () => ms)
    const retry: LadingEvent = { type: 'retry', key: 'a.png', attempt: 2, reason: 'no answer in time', waitMs: 200 }
    ms = 9_999
    reporter.event(retry)
    expect(screen.text).toBe('')
    ms = 10_000
    reporter.event(retry)
    reporter.event(retry)
    expect(screen.text).toBe('  retry 2: a.png  no answer in time\n')
  })

  it('says once for which deploy it waits, however often it looks', () => {
    const [screen, reporter] = plain(false)
    const wait = (deploy: string, silentMs?: number): LadingEvent => ({
      type: 'wait',
      deploy,
      channel: 'main',
      ...(silentMs !== undefined && { silentMs }),
    })
    feed(reporter, [wait('d5', 1000), wait('d5', 2000), wait('d6'), wait('d6')])
    expect(screen.text.split('\n')).toEqual([
      'waiting for deploy d5 of channel main, last sign of life 1.0 s ago',
      'waiting for deploy d6 of channel main',
      '',
    ])
  })

  it('says that it plans anew, also where nothing is scanned', () => {
    const [screen, reporter] = plain(false)
    const phase = (name: Phase): LadingEvent => ({ type: 'phase', phase: name, files: 1, bytes: 1, ms: 0 })
    feed(reporter, [phase('plan'), phase('plan'), phase('upload')])
    expect(screen.text.split('\n').map((line) => line.split(':')[0])).toEqual([
      ...['plan', 'planning anew', 'plan', 'upload', ''],
    ])
  })

  it('says how many pages went from the store', () => {
    const [screen, reporter] = plain(true)
    feed(reporter, [
      { type: 'file', op: 'remove', key: 'old.html', bytes: 900, reason: 'the site has no such page', done: true },
      summaryWith({ ...NO_CHANGES, published: true, removed: 1, references: { moved: 0, kept: 0, missing: 0 } }),
    ])
    expect(screen.text).toBe(
      `- ${'old.html'.padEnd(40)}             the site has no such page\n` +
        'ok: Release r-1: 412 kept, 1 page removed from the store (2.2 s).\n',
    )
  })

  it('says when nothing changed', () => {
    const [screen, reporter] = plain(false)
    feed(reporter, [summaryWith({ ...NO_CHANGES, references: { moved: 0, kept: 0, missing: 0 } })])
    expect(screen.text).toBe('ok: No changes. 412 objects match release r-1 (2.2 s).\n')
  })
})

describe('the live reporter', () => {
  const tty = (columns: number, now = (): number => 0): [Screen, Reporter] => {
    const screen = createScreen({ isTTY: true, columns })
    const terminal = terminalOn(screen, { LANG: 'en_GB.UTF-8', NO_COLOR: '1' })
    return [screen, createTtyReporter({ terminal, isVerbose: false, cwd: '/', now })]
  }

  /** What stands on the screen in the end: redrawn and erased lines are gone. */
  const settled = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.split('\r\x1b[K').at(-1) ?? '')
      .filter((line) => line !== '')

  it('leaves finished lines and no trace of the live one', () => {
    let ms = 0
    const [screen, reporter] = tty(200, () => (ms += 1000))
    feed(reporter)
    const lines = settled(screen.text)
    expect(lines[0]).toBe(
      'lading 0.1.0  project/dist → s3://site-assets/x/  offload https://cdn.example.com/  channel production',
    )
    expect(lines.slice(1, 4)).toEqual([
      '✔ scanned 416 files (19.1 MB) in 0.2 s',
      '✔ planned 3 files (208.7 kB) in 0.0 s',
      '✔ uploaded 3 files (208.7 kB) in 1.4 s',
    ])
    expect(lines.at(-1)).toMatch(/^✔ Release r-1: 2 uploaded/)
    expect(lines.join('\n')).not.toMatch(/uploading|scanning|ETA/)
    expect(screen.text).toContain('uploading  1/3 files  ████████████░░░░░░░░░░░░  104.3 kB / 208.7 kB')
  })

  const progressOf = (total: number, bytes: number, retries = 0): LadingEvent => ({
    type: 'progress',
    ...{ files: { done: total / 2, total }, bytes: { done: bytes / 2, total: bytes }, retries },
  })

  it.each([
    [120, 'uploading  5000/10000 files  ████████████░░░░░░░░░░░░  69.8 GB / 139.5 GB  69.8 MB/s  ETA 16 min 40 s'],
    [80, 'uploading  5000/10000 files  69.8 GB / 139.5 GB  69.8 MB/s  ETA 16 min 40 s'],
    [70, 'uploading  5000/10000 files  69.8 GB / 139.5 GB  ETA 16 min 40 s'],
    [60, 'uploading  5000/10000 files  ETA 16 min 40 s'],
    [40, 'uploading  5000/10000 files'],
    [25, 'uploading'],
  ])('on %d columns leaves out whole numbers, and cuts none', (columns, line) => {
    let ms = 0
    const [screen, reporter] = tty(columns, () => ms)
    reporter.event({ type: 'phase', phase: 'plan', files: 10_000, bytes: 139.5e9, ms: 0 })
    ms = 1_000_000
    feed(reporter, [progressOf(10_000, 139.5e9)])
    expect(screen.text).toContain(`${line}\r`)
  })

  it.each([
    [70, 'uploading  5000/10000 files  ETA 16 min 40 s  (12.0 s)'],
    [40, 'uploading  5000/10000 files  (12.0 s)'],
    [25, 'uploading  (12.0 s)'],
    [18, 'uploading'],
  ])('on %d columns cuts no number of a line that stands still either', (columns, line) => {
    vi.useFakeTimers()
    try {
      const [screen, reporter] = tty(columns, () => Date.now())
      vi.advanceTimersByTime(1_000_000)
      reporter.event(progressOf(10_000, 139.5e9))
      vi.advanceTimersByTime(12_000)
      expect(screen.writes.at(-1)?.slice('\r\x1b[K⠋ '.length)).toBe(line)
      reporter.close()
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    [80, 'waiting for deploy d5 of channel preview, last sign of life 3.1 s ago'],
    [70, 'waiting for deploy d5 of channel preview'],
    [40, 'waiting for another deploy'],
  ])('on %d columns waits with all its numbers, or without', (columns, line) => {
    const [screen, reporter] = tty(columns)
    feed(reporter, [{ type: 'wait', deploy: 'd5', channel: 'preview', silentMs: 3100 }])
    expect(screen.text).toContain(` ${line}\r`)
  })

  it('goes back to what it did when a wait is over, and does not reckon the wait into its speed', () => {
    let ms = 0
    const [screen, reporter] = tty(80, () => ms)
    reporter.event({ type: 'phase', phase: 'plan', files: 10, bytes: 20_000, ms: 0 })
    reporter.event({ type: 'wait', deploy: 'd5', channel: 'preview', silentMs: 3100 })
    ms = 60_000
    reporter.event({ type: 'waited', deploy: 'd5', channel: 'preview', ms: 60_000 })
    expect(screen.writes.at(-1)).toMatch(/uploading …$/)
    ms = 61_000
    feed(reporter, [progressOf(10, 20_000)])
    expect(screen.text).toContain('10.0 kB / 20.0 kB  10.0 kB/s  ETA 1.0 s')
  })

  const retryOf = (key: string, reason: string): LadingEvent => ({
    type: 'retry',
    ...{ key, attempt: 2, reason, waitMs: 200 },
  })

  it.each(['\u753b\u50cf'.repeat(30), '\u{1f680}'.repeat(30), '\u26a1'.repeat(30)])(
    'stays within its columns with signs of two: %s',
    (wide) => {
      let ms = 0
      const [screen, reporter] = tty(40, () => (ms += 2000))
      feed(reporter, [
        retryOf(wide, 'no answer'),
        { type: 'wait', deploy: 'd5', channel: wide },
        retryOf('a.png', wide),
      ])
      const drawn = screen.writes.map((text) => text.replace('\r\x1b[K', '')).filter((text) => text !== '')
      expect(drawn).toHaveLength(3)
      for (const text of drawn)
        expect(text.length + (text.match(/[\u753b\u50cf\u26a1]/g) ?? []).length).toBeLessThan(40)
    },
  )

  it('says the reason of a retry where its key has no room', () => {
    let ms = 0
    const [screen, reporter] = tty(60, () => ms)
    ms = 2000
    feed(reporter, [retryOf('a/'.repeat(40), 'no answer in time')])
    expect(screen.text).toContain(' retry 2: no answer in time\r')
  })

  it('counts retries once there are some', () => {
    let ms = 0
    const [screen, reporter] = tty(80, () => (ms += 1000))
    feed(reporter, [progressOf(10, 1000), progressOf(10, 1000, 2)])
    expect(screen.text.match(/\w+ retries/g)).toEqual(['2 retries'])
  })

  it('shows what has begun at once: nothing else may come for a long time', () => {
    const [screen, reporter] = tty(80)
    for (const event of EVENTS.slice(0, 2)) reporter.event(event)
    expect(screen.writes.at(-1)).toContain('hashing …')
    reporter.close()
  })

  it('keeps moving while nothing comes, and says for how long nothing has', () => {
    vi.useFakeTimers()
    try {
      const [screen, reporter] = tty(80, () => Date.now())
      for (const event of EVENTS.slice(0, 2)) reporter.event(event)
      vi.advanceTimersByTime(2000)
      expect(screen.writes.at(-1)).toMatch(/hashing …$/)
      vi.advanceTimersByTime(10_000)
      expect(screen.writes.at(-1)).toMatch(/hashing … {2}\(12\.0 s\)$/)
      reporter.close()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('tells a retry when nothing else moves', () => {
    let ms = 0
    const [screen, reporter] = tty(80, () => ms)
    const retry: LadingEvent = { type: 'retry', key: 'a.png', attempt: 2, reason: 'no answer in time', waitMs: 200 }
    for (const event of [progressOf(10, 1000), retry]) reporter.event(event)
    expect(screen.text).not.toContain('retry 2')
    ms = 60_000
    reporter.event(retry)
    expect(screen.writes.at(-1)).toContain('retry 2: a.png  no answer in time')
    reporter.close()
  })

  it('draws at most ten times a second and never breaks the line', () => {
    let ms = 0
    const [screen, reporter] = tty(80, () => ms)
    for (let done = 0; done < 1000; done++) {
      ms += 1
      reporter.event({ type: 'progress', files: { done, total: 1000 }, bytes: { done, total: 1000 }, retries: 0 })
    }
    expect(screen.writes).toHaveLength(10)
    expect(screen.text).not.toContain('\n')
  })

  it.each([1, 20, 40])('fits into %d columns', (columns) => {
    let ms = 0
    const [screen, reporter] = tty(columns, () => (ms += 1000))
    feed(reporter)
    const drawn = screen.writes.filter((text) => text.startsWith('\r\x1b[K') && !text.includes('\n'))
    expect(drawn.length).toBeGreaterThan(1)
    for (const text of drawn) expect([...text.replace('\r\x1b[K', '')].length).toBeLessThan(columns)
  })

  const phaseOf = (phase: Phase, files = 1): LadingEvent => ({ type: 'phase', phase, files, bytes: 1, ms: 0 })
  const [START] = EVENTS

  /** The deeds that these events let it show, each once. */
  function deedsOf(...events: (LadingEvent | undefined)[]): string[] {
    let ms = 0
    const [screen, reporter] = tty(80, () => (ms += 1000))
    feed(
      reporter,
      events.filter((event) => event !== undefined),
    )
    const drawn = screen.writes.map((text) => text.split(' ')[1] ?? '').filter((word) => word.endsWith('ing'))
    return drawn.filter((deed, at) => deed !== drawn[at - 1])
  }

  it('says of a rollback that it plans and sends, and scans nothing', () => {
    const retry = retryOf('p/main.json', 'no answer in time')
    const start = START?.type === 'start' ? { ...START, root: 'r-20261127-1' } : undefined
    const ended = [phaseOf('upload'), phaseOf('publish')]
    expect(deedsOf(retry, start, retry, progressOf(10, 1000), ...ended)).toEqual([
      'starting',
      'planning',
      'uploading',
      'publishing',
      'finishing',
    ])
  })

  it('does not say that it sends where nothing is to be sent', () => {
    expect(deedsOf(START, phaseOf('scan'), phaseOf('hash'), phaseOf('plan', 0))).not.toContain('uploading')
    expect(deedsOf(START, phaseOf('scan'), phaseOf('hash'), phaseOf('plan'))).toContain('uploading')
  })

  it('does not say that a CDN is told: it may be that there is none', () => {
    expect(deedsOf(phaseOf('upload'), phaseOf('publish'))).toEqual(['publishing', 'finishing'])
  })

  it('draws nothing more once it is closed', () => {
    vi.useFakeTimers()
    try {
      const [screen, reporter] = tty(80, () => Date.now())
      feed(reporter, [phaseOf('scan')])
      const { length } = screen.writes
      vi.advanceTimersByTime(5000)
      for (const event of [retryOf('a.png', 'no answer'), progressOf(10, 1000)]) reporter.event(event)
      expect(vi.getTimerCount()).toBe(0)
      expect(screen.writes).toHaveLength(length)
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes the live line back when the run fails', () => {
    const [screen, reporter] = tty(80)
    feed(reporter, EVENTS.slice(0, 1))
    expect(screen.writes.at(-1)).toBe('\r\x1b[K')
  })
})

describe('the plan', () => {
  const plan = (isVerbose: boolean, events: readonly LadingEvent[] = EVENTS): string => {
    const screen = createScreen()
    feed(
      createPlanReport({ terminal: terminalOn(screen), isVerbose, cwd: '/project', next: 'lading sync dist' }),
      events,
    )
    return screen.text
  }

  it('shows what changes with its reason, what stays as a count, warnings last', () => {
    expect(plan(false).split('\n')).toEqual([
      'lading 0.1.0  dist -> s3://site-assets/x/  offload https://cdn.example.com/  channel production',
      '',
      '  + add  ~ change  = keep  - expire later',
      '',
      '  + a/app.js      182.4 kB  new',
      '  ~ favicon.ico     1.9 kB  content',
      '  ~ logo.svg        3.2 kB  cache-control',
      '  ~ index.html       900 B  rewritten',
      '  = 2 files         3.0 kB  unchanged',
      '  - a/old.js                unreferenced',
      '',
      '  not uploaded: 2 files',
      '  references: 214 moved, 2 kept, 7 missing',
      '1 warning',
      '  ! W_REF_MISSING  7 references name no file',
      '      a:1',
      '      b:2',
      '      c:3',
      '      d:4',
      '      e:5',
      '      ... and 2 more (-v shows all)',
      '      fix  add the files',
      'Plan: 1 to add, 1 to change, headers of 1 to change, 1 to expire, 1 page to write.  Upload 184.3 kB.',
      '',
      'Next: lading sync dist',
      '',
    ])
  })

  it('names the pages that would go from the store, which are not those that expire', () => {
    const text = plan(false, [
      { type: 'file', op: 'remove', key: 'old.html', bytes: 900, reason: 'the site has no such page', done: false },
      summaryWith({ ...NO_CHANGES, published: true, removed: 1, bytes: 0 }),
    ])
    expect(text).toContain('  - old.html             the site has no such page\n')
    expect(text).toContain('Plan: 0 to add, 0 to change, 0 to expire, 1 page to remove from the store.  Upload 0 B.\n')
  })

  const many = Array.from(
    { length: 25 },
    (_, index): FileEvent => ({ type: 'file', op: 'add', key: `k${index}`, bytes: 1000, reason: 'new', done: false }),
  )

  it('collapses a long list into a count, and -v shows all', () => {
    const lines = plan(false, [...many, summaryWith({})])
      .split('\n')
      .filter((line) => line.startsWith('  + ') && !line.includes('add'))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('  + 5 more     5.0 kB  new')
    expect(plan(true, [...many, summaryWith({})])).toContain('+ k24')
  })

  it('offers no next command when there is nothing to do', () => {
    const text = plan(false, [
      summaryWith({ ...NO_CHANGES, references: { moved: 0, kept: 0, missing: 0 }, notUploaded: 0 }),
    ])
    expect(text).toBe('No changes.\n')
  })
})

describe('an error', () => {
  const terminal = terminalOn(createScreen())

  it('says what, on what, why, what to do, and the exit code', () => {
    if (ERROR.type !== 'error') throw new Error('not an error')
    const lines = renderError(ERROR, terminal, { isVerbose: false }).split('\n')
    expect(lines.slice(0, 3)).toEqual(['x E_OUT  the site and --out lie inside each other', '', '    item 1'])
    expect(lines.slice(-9)).toEqual([
      '    item 20',
      '    ... and 2 more (-v shows all)',
      '',
      '  on   /project/dist/out',
      '  why  Because.',
      '       Second line.',
      '  fix  Choose another.',
      '  exit 3',
      '',
    ])
    expect(renderError(ERROR, terminal, { isVerbose: true })).toContain('item 22')
  })

  it('cannot steer the terminal', () => {
    const error = new LadingError('E_KEY_INVALID', 'a key \x1b[2J', { subject: '\u202egpj.exe', details: ['a\rb'] })
    const text = renderError(errorEvent(error), terminal, { isVerbose: false })
    expect(text).toMatch(/^[\n\x20-\x7e]*$/)
    expect(text).toContain('a\\x0db')
  })

  it('that nobody expected is a bug and keeps its stack', () => {
    const event = errorEvent(new TypeError('x is not a function'))
    expect(event).toMatchObject({ code: 'E_BUG', exit: 1, message: 'TypeError: x is not a function' })
    expect(event.details[0]).toContain('reporters.test')
    expect(errorEvent('text')).toMatchObject({ code: 'E_BUG', message: 'text' })
  })
})
