import { constants } from 'node:fs'
import { copyFile, link } from 'node:fs/promises'
import { codeOf } from '../words/system-error.ts'

/** File systems without hard links answer with one of these. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Gives a written file its name, as a whole, and only where nothing has that name: other than a rename it replaces nothing.
 * The temporary file stays.
 * @throws EEXIST, and what the system answers
 */
export async function putNewFile(temporary: string, target: string): Promise<void> {
  await link(temporary, target).catch(async (error: unknown) => {
    if (!WITHOUT_LINKS.has(codeOf(error))) throw error
    await copyFile(temporary, target, constants.COPYFILE_EXCL)
  })
}
