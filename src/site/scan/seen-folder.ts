import type { FileStamp } from '../file.ts'

/** Numbers of one entry: device, inode, size (-1 for a folder) and both times. */
export const NUMBERS = 5

/** What the walk needs of a directory entry. */
export interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
  /** Set for a file that was already stat'ed. */
  readonly stamp?: FileStamp | undefined
}

/** A listed folder, which holds only files and folders, with the stat of each. */
export interface SeenFolder {
  readonly names: readonly string[]
  /** {@link NUMBERS} of the folder itself, then of each name. */
  readonly numbers: Float64Array
}

/** By the folder's path on the disk. */
export type SeenFolders = ReadonlyMap<string, SeenFolder>

/** The entries of a folder that was seen. */
export function seenEntries({ names, numbers }: SeenFolder): readonly Entry[] {
  return names.map((name, index) => new SeenEntry(name, numbers, NUMBERS * (index + 1)))
}

class SeenEntry implements Entry {
  readonly name: string
  private readonly numbers: Float64Array
  private readonly at: number

  constructor(name: string, numbers: Float64Array, at: number) {
    this.name = name
    this.numbers = numbers
    this.at = at
  }

  isFile(): boolean {
    return this.of(2) >= 0
  }

  isDirectory(): boolean {
    return !this.isFile()
  }

  isSymbolicLink(): boolean {
    return false
  }

  get stamp(): FileStamp {
    return { dev: this.of(0), ino: this.of(1), size: this.of(2), mtimeMs: this.of(3), ctimeMs: this.of(4) }
  }

  private of(number: number): number {
    return this.numbers[this.at + number] ?? 0
  }
}
