import type { Finding } from '../file.ts'
import { DEPLOY_RULE } from './anchors.ts'
import type { DeployCredentials } from './deploy-credentials.ts'
import type { TextScan } from './text-scan.ts'

/**
 * Scans a binary file for credentials, piece by piece as it is read. Most of a site's bytes are in such files, so only
 * the end of a piece, as long as a credential, is copied. There are no lines: a column is a byte offset.
 */
export function createBytesScan({ needles, longest }: DeployCredentials): TextScan {
  const found = new Map<string, Finding>()
  /** The end of the pieces before, too short for any credential to lie in it whole. */
  let carry = Buffer.alloc(0)
  /** Bytes before `carry`. */
  let passed = 0

  const search = (window: Buffer, start: number): void => {
    for (const { variable, bytes } of needles) {
      const at = found.has(variable) ? -1 : window.indexOf(bytes)
      if (at !== -1) found.set(variable, { rule: DEPLOY_RULE, line: 1, column: start + at + 1, sample: variable })
    }
  }

  return {
    feed(piece, isLast) {
      const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
      // Matches across the boundary; later ones lie entirely in the piece.
      if (carry.length > 0) search(Buffer.concat([carry, view.subarray(0, longest - 1)]), passed)
      search(view, passed + carry.length)
      if (isLast) return
      const end = passed + carry.length + view.length
      carry = Buffer.concat([carry, view.subarray(-(longest - 1))]).subarray(-(longest - 1))
      passed = end - carry.length
    },
    findings: () => [...found.values()].sort((a, b) => a.column - b.column),
  }
}
