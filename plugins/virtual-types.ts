import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Paths as `assetUrl` takes them, sorted: `/img/logo.png`. Without hidden files. */
export function publicPaths(publicDir: string): string[] {
  if (!existsSync(publicDir)) return []
  const entries = readdirSync(publicDir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `/${relative(publicDir, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}`)
  return paths.filter((path) => !path.includes('/.')).sort()
}

/** Writes the declaration of these paths. An up-to-date file is not touched, so as not to trigger watchers. */
export function writeTypes(file: string, paths: readonly string[]): void {
  const text = typesOf(paths)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function typesOf(paths: readonly string[]): string {
  const lines = paths.map((path) => `    ${JSON.stringify(path)}: true\n`)
  return `// Written by the build plugin of lading: the files that assetUrl knows.
/// <reference types="lading/client" />
declare module 'virtual:lading' {
  interface LadingFiles {
${lines.join('')}  }
}
`
}
