import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Compiler, sources } from 'webpack'
import type { UnwrittenFiles } from '../src/build/public-names.ts'
import type { SitePath } from '../src/index.ts'
import { type BuildSettings, namingOf } from './options.ts'
import { NO_PUBLIC_FILES, nameUnwritten, type PublicFiles } from './public-files.ts'

/** Copied files by their paths, as the bundler holds them. */
type Copies = ReadonlyMap<SitePath, sources.Source | undefined>

/**
 * Names copied files as `sync` will. They are not on disk yet, and may come from anywhere: unless an earlier build has
 * named these same bytes, they are written to a temporary folder.
 */
export async function nameCopied(compiler: Compiler, copies: Copies, settings: BuildSettings): Promise<PublicFiles> {
  const naming = namingOf(settings, compiler.outputPath)
  if (copies.size === 0 || naming === undefined) return NO_PUBLIC_FILES
  const files: UnwrittenFiles = {
    place: placeOf(compiler),
    digest: digestOf(copies),
    async inFolder(work) {
      const folder = await mkdtemp(join(tmpdir(), 'lading-'))
      try {
        await layOut(join(folder, 'files'), copies)
        return await work({ root: join(folder, 'files'), cacheDir: join(folder, 'cache') })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
  return nameUnwritten(files, naming)
}

/** Several compilers may write into one folder, each with copies of its own. */
function placeOf({ outputPath, name, options: { target, entry } }: Compiler): string {
  return JSON.stringify([outputPath, name, target, Object.keys(entry)])
}

async function layOut(folder: string, copies: Copies): Promise<void> {
  for (const [name, source] of copies) {
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, source?.source() ?? '')
  }
}

function digestOf(copies: Copies): string {
  const hash = createHash('sha256')
  for (const [name, source] of [...copies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = source?.buffer() ?? Buffer.alloc(0)
    // With the length, so that no two lists of files give the same byte stream.
    hash.update(`${JSON.stringify(name)} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}
