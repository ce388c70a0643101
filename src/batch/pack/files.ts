import { type Dirent, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TarEntry } from './tar.ts'

/** Not needed at run time. */
const IDLE = /\.(?:ts|[cm]ts|tsx|map|md|markdown)$/i
/** License and attribution files, which have to be redistributed with a package. */
const RIGHTS = /^(?:licen[cs]e|notice|copying|authors)/i

/** The files of a package, except those that only people and compilers read, and nested packages. */
export function filesOf(folder: string, place: string): readonly TarEntry[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const [path, name] = [join(folder, entry.name), `${place}/${entry.name}`]
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesOf(path, name)
    return isWanted(entry, path) ? [fileEntry(path, name)] : []
  })
}

function isWanted(entry: Dirent, path: string): boolean {
  if (IDLE.test(entry.name) && !RIGHTS.test(entry.name)) return false
  return entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}

export function fileEntry(path: string, name: string, isExecutable?: boolean): TarEntry {
  return {
    name,
    isExecutable: isExecutable ?? (statSync(path).mode & 0o100) !== 0,
    read: () => readFile(path),
  }
}

export const textEntry = (name: string, text: string): TarEntry => ({
  name,
  isExecutable: true,
  read: async () => Buffer.from(text),
})
