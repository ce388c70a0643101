import { formatBytes, formatDuration, plural, printable, type Rewritten } from '../../index.ts'

function isSame({ added, removed, pages }: Rewritten): boolean {
  return added + removed + pages.written + pages.removed === 0
}

/** What a rewrite came to, in one sentence. */
export function rewrittenLine(found: Rewritten): string {
  const { dryRun, added, kept, removed, bytes, pages, references, ms } = found
  const counts = [
    added > 0 && `${plural(added, 'asset')} ${dryRun ? 'to write' : 'written'} (${formatBytes(bytes)})`,
    `${kept} unchanged`,
    removed > 0 && `${removed} ${dryRun ? 'to remove' : 'removed'}`,
    pages.written > 0 && `${plural(pages.written, 'page')} ${dryRun ? 'to write' : 'written'}`,
    pages.removed > 0 && `${plural(pages.removed, 'page')} ${dryRun ? 'to remove' : 'removed'}`,
  ].filter((text) => text !== false)
  const { moved, kept: stay, missing } = references
  const named = `references: ${moved} moved, ${stay} kept, ${missing} missing`
  const text = isSame(found) ? `No changes. ${plural(kept, 'asset')}` : counts.join(', ')
  return `${named}\n${dryRun ? 'Plan' : 'ok'}: ${text} (${formatDuration(ms)}).`
}

interface Places {
  readonly assets: string
  readonly pages: string
}

/** In this order a page never names what is not there. */
export function nextSteps(found: Rewritten, { assets, pages }: Places): string[] {
  const { example } = found
  if (example === undefined || isSame(found)) return []
  return [
    `Next: 1. Upload what ${printable(assets)}/lading-assets.json lists, with the headers that stand there; remove nothing.`,
    `      2. See that it is served: curl -I ${printable(example)}`,
    `      3. Then put ${printable(pages)} on your web server.`,
  ]
}
