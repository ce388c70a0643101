import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version of the package that this file is part of. It stands two or three folders up, in sources or in the build. */
export function packageVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest?.name === 'lading') return manifest.version
  }
  return 'unknown'
}

function readManifest(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string } // our own file, or not named lading
  } catch {
    return undefined
  }
}
