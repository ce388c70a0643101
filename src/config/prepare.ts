import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_FOLDERS } from '../site/scan/root.ts'
import { LadingError } from '../words/errors.ts'
import { CONFIG_FILES } from './files.ts'

/** What builds the pages of a project. */
export interface Builder {
  /** `Vite`. */
  readonly name: string
  /** `lading/vite`; undefined for frameworks that write addresses themselves. */
  readonly plugin: string | undefined
}

/** What is found by looking at a project: where a configuration would lie, and what to write into it. */
export interface Prepared {
  /** `lading.config.ts` where the project names lading among its packages, else `lading.config.json`. */
  readonly file: string
  /** Folder with the site, relative. Undefined: nothing looks like one. */
  readonly root: string | undefined
  readonly builder: Builder | undefined
  /** The line that builds the site: `npm run build`. */
  readonly build: string | undefined
}

/** By the name of a package, most telling first: a framework has a bundler among its packages too. */
const BUILDERS: readonly (readonly [pack: string, name: string, plugin?: string])[] = [
  ['astro', 'Astro'],
  ['@sveltejs/kit', 'SvelteKit'],
  ['nuxt', 'Nuxt'],
  ['@rsbuild/core', 'Rsbuild', 'lading/rsbuild'],
  ['vite', 'Vite', 'lading/vite'],
  ['@rspack/core', 'Rspack', 'lading/rspack'],
  ['webpack', 'webpack', 'lading/webpack'],
  ['rolldown', 'Rolldown', 'lading/rolldown'],
  ['rollup', 'Rollup', 'lading/rollup'],
  ['esbuild', 'esbuild', 'lading/esbuild'],
]

const RUNNERS: readonly (readonly [lockFile: string, runner: string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
]

/**
 * Looks at the project of a folder that is to get a configuration. Reads `package.json` and names of folders; changes
 * nothing.
 * @throws E_CONFIG_EXISTS when it has one
 */
export async function prepareConfig(folder: string): Promise<Prepared> {
  const existing = CONFIG_FILES.find((name) => existsSync(join(folder, name)))
  if (existing !== undefined) throw configExists(existing)
  const project = readProject(folder)
  const found = BUILDERS.find(([pack]) => project?.packages.includes(pack))
  const runner = RUNNERS.find(([lockFile]) => existsSync(join(folder, lockFile)))?.[1] ?? 'npm'
  return {
    file: `lading.config.${project?.packages.includes('lading') ? 'ts' : 'json'}`,
    root: rootOf(folder, { isProject: project !== undefined, isBuilt: found !== undefined }),
    builder: found && { name: found[1], plugin: found[2] },
    build: project?.hasBuild ? `${runner} run build` : undefined,
  }
}

export const configExists = (file: string): LadingError =>
  new LadingError('E_CONFIG_EXISTS', 'there is a configuration already', {
    subject: file,
    why: 'It is never overwritten.',
    hint: 'Edit it (lading config shows what is in force), or move it away and run the same command again.',
  })

interface Project {
  readonly packages: readonly string[]
  readonly hasBuild: boolean
}

/** What cannot be read is no project: that is for its own tools to report. */
function readProject(folder: string): Project | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const namesIn = (key: string): string[] => Object.keys(Object(Object(read)[key]))
    return {
      packages: [...namesIn('dependencies'), ...namesIn('devDependencies')],
      hasBuild: namesIn('scripts').includes('build'),
    }
  } catch {
    return undefined
  }
}

interface Kind {
  readonly isProject: boolean
  readonly isBuilt: boolean
}

/** Beside a bundler, `public` and the page at the top are sources. Without a project, a folder needs a page to be a site. */
function rootOf(folder: string, { isProject, isBuilt }: Kind): string | undefined {
  const hasPage = (name: string): boolean => existsSync(join(folder, name, 'index.html'))
  const likely = BUILD_FOLDERS.filter((name) => !(isBuilt && name === 'public'))
  const found = likely.find(hasPage) ?? (isProject ? likely.find((name) => existsSync(join(folder, name))) : undefined)
  if (found !== undefined) return found
  if (isBuilt) return BUILD_FOLDERS[0]
  return hasPage('.') ? '.' : undefined
}
