import type { SitePath } from '../../words/model.ts'
import type { Finding, Magic } from '../file.ts'
import { levelOf } from './anchors.ts'
import { createBytesScan } from './bytes-scan.ts'
import type { DeployCredentials } from './deploy-credentials.ts'
import { hasInlineSources } from './inline-map.ts'
import type { TextKind } from './rule.ts'
import { createTextScan, type TextScan } from './text-scan.ts'

export interface FileScan extends Pick<TextScan, 'feed'> {
  /** `whole` gives the file's text, for findings that need more than their place to judge. */
  findings(whole: () => string): readonly Finding[]
}

/** A NUL within this many bytes marks a file as binary, as in other programs. */
const LOOKED_AT = 8192

/** For binary files when there are no credentials to look for. */
const IDLE: FileScan = { feed: () => {}, findings: () => [] }

/** The scan that fits a file, by its name and its first bytes. */
export function scanOf(
  path: SitePath,
  head: Uint8Array,
  { magic, credentials }: { readonly magic: Magic | undefined; readonly credentials: DeployCredentials },
): FileScan {
  const isWide = magic === 'utf16'
  const isText = isWide || !head.subarray(0, LOOKED_AT).includes(0)
  // In binary data the rules would match only by chance.
  if (!isText) return credentials.needles.length === 0 ? IDLE : createBytesScan(credentials)
  const scan = createTextScan({ kind: kindOf(path), credentials })
  return {
    // every second byte of ASCII in UTF-16 is NUL: without them the rules can read it
    feed: (piece, isLast) => scan.feed(isWide ? piece.filter((byte) => byte !== 0) : piece, isLast),
    findings: (whole) => withoutEmptyMaps(scan.findings(), whole),
  }
}

function withoutEmptyMaps(findings: readonly Finding[], whole: () => string): readonly Finding[] {
  const isMap = ({ rule }: Finding): boolean => levelOf(rule) === 'map'
  return findings.some(isMap) && !hasInlineSources(whole()) ? findings.filter((found) => !isMap(found)) : findings
}

function kindOf(path: SitePath): TextKind {
  if (/\.(?:[cm]?jsx?|[cm]?tsx?|css|json)$/i.test(path)) return 'code'
  return /\.(?:html?|xhtml)$/i.test(path) ? 'page' : 'other'
}
