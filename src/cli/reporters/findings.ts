import { type FindingEvent, formatDuration, type LiveVerification, plural, printable } from '../../index.ts'
import type { Terminal } from '../terminal.ts'

/** Columns of text, where no terminal has fewer; an address that is longer stands alone on its line. */
const WIDTH = 80

/**
 *   /about/:12  img[src]
 *     ! status: https://cdn.example.com/a/logo.png answers 404
 *       why  The visitor does not get it.
 *       fix  Publish the file, ...
 */
export function renderFindings(findings: readonly FindingEvent[], start: string, terminal: Terminal): string {
  return findings.map((finding) => `${renderFinding(finding, new URL(start).origin, terminal)}\n`).join('\n')
}

function renderFinding(finding: FindingEvent, origin: string, { glyphs, style, lineWidth }: Terminal): string {
  const { kind, page, line, place, url, message, why, fix, references } = finding
  const where = line === 0 ? near(page, origin) : `${near(page, origin)}:${line}`
  const more = references > 1 ? `  (${plural(references, 'reference')})` : ''
  const mark = `    ${glyphs.warn} `
  const width = Math.min(WIDTH, lineWidth - 1)
  return [
    `  ${style('bold', printable(where))}  ${printable(place)}${more}`,
    ...wrapped(`${kind}: ${near(url, origin)} ${message}`, mark, width).map((text, index) =>
      index === 0 ? text.replace(mark + kind, style('yellow', mark + kind)) : text,
    ),
    ...wrapped(why, '      why  ', width),
    ...wrapped(fix, '      fix  ', width),
  ].join('\n')
}

/** An address of the site itself by its path. */
const near = (url: string, origin: string): string => (url.startsWith(`${origin}/`) ? url.slice(origin.length) : url)

/** Words in lines of `width` columns, the first behind `head`, the others below it. */
function wrapped(text: string, head: string, width: number): string[] {
  const lines: string[] = []
  let line = head
  for (const word of printable(text).split(' ')) {
    const isFirst = line.length === head.length
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ' '.repeat(head.length) + word
    } else line += isFirst ? word : ` ${word}`
  }
  return [...lines, line]
}

/** What looking at a live site came to. */
export function liveSentence(found: LiveVerification, { style }: Terminal): string {
  const { ok, visited, followed, elsewhere, unread, findings, ms } = found
  const others = elsewhere > 0 ? `, ${elsewhere} of other hosts not asked` : ''
  const scope = `${plural(visited, 'page')}, ${plural(followed, 'reference')}${others} (${formatDuration(ms)}).`
  const left = unread > 0 ? `Stopped there; ${plural(unread, 'more page')} known: --max-pages N reads on.\n` : ''
  const head = ok ? `${style('green', 'ok')}: Everything loads as it should.` : `${plural(findings, 'finding')}.`
  return `${ok ? head : style('yellow', head)}\n${scope}\n${left}`
}
