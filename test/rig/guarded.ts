import { createHash } from 'node:crypto'
import { type LadingConfig, LadingError } from '../../src/index.ts'
import { createProject, MIRROR, type Project } from './project.ts'
import { after } from './tidying.ts'

const projects: Project[] = []
after('test', () => {
  for (const project of projects.splice(0)) project.remove()
})

/** A mirrored site with a page and these files; removed after the test. */
export function guarded(files: Readonly<Record<string, string | Uint8Array>>, config: LadingConfig = MIRROR): Project {
  const made = createProject({ files: { 'index.html': '<p>hello', ...files }, config })
  projects.push(made)
  return made
}

/** The error that a run ends with. */
export async function failure(work: Promise<unknown>): Promise<LadingError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

/** What lies in the store, without our own records. */
export async function keys(site: Project): Promise<string[]> {
  const found: string[] = []
  for await (const page of site.store.list('')) found.push(...page.map(({ key }) => key))
  return found.filter((key) => !key.startsWith('.lading/')).sort()
}

/** Everything that a failed run let out: events, and the error with all it carries. */
export const said = (site: Project, error: LadingError): string =>
  JSON.stringify([site.events, error, error.message, error.stack, error.why, error.hint, error.details])

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
