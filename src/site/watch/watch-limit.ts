import { LadingError } from '../../words/errors.ts'
import { codeOf } from '../../words/system-error.ts'

interface Limit {
  readonly why: string
  readonly hint: string
}

/** What Linux has no more of, by what it says then. https://man7.org/linux/man-pages/man7/inotify.7.html */
const OF_LINUX: Readonly<Record<string, Limit>> = {
  ENOSPC: {
    why: 'All watches that your user may have are in use, and each folder takes one (fs.inotify.max_user_watches).',
    hint: 'Allow more, then run the same command again: sudo sysctl fs.inotify.max_user_watches=524288',
  },
  EMFILE: {
    why: 'As many programs watch something as may at once (fs.inotify.max_user_instances), or too many files are open.',
    hint: 'Allow more, then run the same command again: sudo sysctl fs.inotify.max_user_instances=1024',
  },
}

const ELSEWHERE: Limit = {
  why: 'Too many files are open.',
  hint: 'End other programs that watch folders, then run the same command again.',
}

/** Whether a folder could not be watched because there are too many watches or open files already. */
export const isLimit = (error: unknown): boolean => ['ENOSPC', 'EMFILE', 'ENFILE'].includes(codeOf(error))

export function limitReached(root: string, cause: unknown, platform: NodeJS.Platform = process.platform): LadingError {
  const limit = platform === 'linux' ? OF_LINUX[codeOf(cause)] : undefined
  return new LadingError('E_WATCH', 'The folder cannot be watched', { subject: root, ...(limit ?? ELSEWHERE), cause })
}
