import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const modules = resolve(import.meta.dirname, '../../../node_modules')

/** Every file of this extension in the packages that are installed, as paths below `node_modules`. */
export function packageFiles(extension: string): string[] {
  return readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !name.startsWith('.'))
    .sort()
}

export function readPackageFile(name: string): string {
  return readFileSync(join(modules, name), 'utf8')
}
