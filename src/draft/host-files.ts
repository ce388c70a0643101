import { type HostFile, isHostFile } from '../policy/host-headers.ts'
import type { Survey } from '../site/survey.ts'
import { readText } from '../site/text/text.ts'

/** The files of the site that say something about headers to a host. */
export function hostFiles({ files, facts }: Survey): HostFile[] {
  return files.flatMap((file) => {
    const known = facts.get(file.path)
    if (!isHostFile(file.path) || known === undefined) return []
    return [{ path: file.path, text: readText(file, known)?.text ?? '' }]
  })
}
