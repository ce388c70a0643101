import type { Output } from '../../../src/cli/io.ts'

/** An output that remembers. */
export interface Screen extends Output {
  readonly text: string
  readonly writes: readonly string[]
}

export function createScreen(look: { isTTY?: boolean; columns?: number } = {}): Screen {
  const writes: string[] = []
  return {
    ...look,
    writes,
    write: (text) => writes.push(text),
    get text() {
      return writes.join('')
    },
  }
}
