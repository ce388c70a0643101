import { expect, it } from 'vitest'
import { removalReport } from '../../../src/cli/reporters/removal.ts'
import { createTerminal } from '../../../src/cli/terminal.ts'
import type { LadingEvent, Removal } from '../../../src/index.ts'

const NOTHING: Removal = { ok: true, exit: 0, dryRun: false, removed: 0, bytes: 0, kept: 2, state: 0, ms: 100 }

const LIVE: LadingEvent = {
  type: 'warning',
  code: 'W_REMOVED_LIVE',
  message: 'live in production: pages that show it now have a gap',
  items: ['a.jpg'],
}

/** What people are told on stderr. */
function said(...events: readonly LadingEvent[]): string {
  const parts: string[] = []
  const output = { write: (part: string) => void parts.push(part) }
  const err = createTerminal(output, { env: {}, color: false })
  const report = removalReport({ isJson: false, isVerbose: false, isQuiet: false, out: err, err }, output)
  for (const event of events) report.event(event)
  report.end(NOTHING, undefined)
  return parts.join('')
}

it('a takedown of what is gone already says that the CDN was told', () => {
  expect(said({ type: 'phase', phase: 'invalidate', files: 4, bytes: 0, ms: 3 })).toContain(
    'The CDN was told about 4 addresses.',
  )
  expect(said()).not.toContain('CDN')
})

it('what the live site still names is listed, unless it is listed above', () => {
  expect(said(LIVE)).toContain('      a.jpg\n')
  const listed = said({ type: 'file', op: 'remove', key: 'a.jpg', bytes: 1, reason: 'named', done: true }, LIVE)
  expect(listed.match(/a\.jpg/g)).toHaveLength(1)
})
