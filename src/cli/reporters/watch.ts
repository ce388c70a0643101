import { formatDuration, type LadingEvent, plural, printable, type WatchEvent } from '../../index.ts'
import type { CliIo } from '../io.ts'
import { chooseReporter, type Voice } from '../session.ts'
import type { Reporter } from './reporter.ts'
import { wrap } from './wrap.ts'

interface Watching {
  readonly voice: Voice
  readonly io: CliIo
  /** As a person would write it. */
  readonly folder: string
}

/**
 * One run after another: the first one as ever, each later one with when it began, what had changed and the result, and
 * only with warnings that the run before did not have.
 */
export function watchReport({ voice, io, ...watching }: Watching): Reporter {
  const { err, isJson, isQuiet } = voice
  const folder = printable(watching.folder)
  let reporter = chooseReporter(voice, io)
  let isIntroduced = false
  let [warned, warnedBefore] = [new Set<string>(), new Set<string>()]

  const say = (text: string): void => {
    reporter.close()
    if (!isQuiet) err.write(wrap(text, err.columns))
  }

  const begin = (event: WatchEvent): void => {
    say(`${clockTime(io)}  ${event.state === 'again' ? 'trying again' : changesText(event, folder, err.columns)}`)
    reporter = chooseReporter(voice, io, !voice.isVerbose)
    ;[warned, warnedBefore] = [new Set(), warned]
  }

  const wait = ({ againMs }: WatchEvent): void => {
    if (againMs !== undefined) say(`Trying again in ${formatDuration(againMs)}, or with the next change.`)
    if (!isIntroduced) say(`Watching ${folder}; options were read once. Ctrl-C ends it.`)
    isIntroduced = true
  }

  const waitForBuild = (): void => {
    say(`${folder} is missing or empty: waiting until a build has filled it.`)
    reporter = chooseReporter(voice, io) // the first run, which may still be to come, does not begin with a change
  }

  const watched = (event: WatchEvent): void => {
    if (event.state === 'waiting') wait(event)
    else if (event.state === 'empty') waitForBuild()
    else begin(event)
  }

  /** @returns whether the run before has said the same */
  const isSaid = (event: LadingEvent): boolean => {
    if (event.type !== 'warning') return false
    const text = JSON.stringify(event).replace(BUNDLER_HASH, '')
    warned.add(text)
    return warnedBefore.has(text)
  }

  return {
    event: (event) => {
      if (isJson) reporter.event(event)
      else if (event.type === 'watch') watched(event)
      else if (!isSaid(event)) reporter.event(event)
    },
    close: () => reporter.close(),
  }
}

/** What a bundler puts into names: at each build another one, in `index-B9P5sJOR.js` as in `index.B9P5sJOR.js`. */
const BUNDLER_HASH = /[-.](?=[\w-]*[A-Z0-9])[\w-]{8,}(?=\.\w)/g

const clockTime = ({ run }: CliIo): string => new Date(run?.clock?.wallMs() ?? Date.now()).toTimeString().slice(0, 8)

/** Columns of a line where the terminal does not say, less those of the time. */
const ROOM = 80

/** `3 changes: a.html, css/b.css ...`, as many names as fit. */
function changesText({ changes = 0, paths = [] }: WatchEvent, folder: string, columns: number): string {
  const room = (columns || ROOM) - 12
  const [first = '', ...others] = paths.map((path) => (path === '.' ? folder : printable(path)))
  let text = `${plural(changes, 'change')}: ${first}`
  for (const name of others) {
    const more = `${text}, ${name}`
    if (more.length > room - 4) return `${text}, ...`
    text = more
  }
  return changes > paths.length ? `${text}, ...` : text
}
