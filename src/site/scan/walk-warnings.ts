import type { Warning, WarningCode } from '../../words/events.ts'

/** What a walk skipped, by path. */
export interface PassedOver {
  readonly dangling: string[]
  /** By the place of the link on disk: links reached by many ways are named once. */
  readonly unfollowed: Map<string, string>
  readonly special: string[]
}

/** `link` is the root as it was given, when that is a link to `root`. */
export function walkWarnings({ dangling, unfollowed, special }: PassedOver, root: string, link?: string): Warning[] {
  const lists: [WarningCode, readonly string[], string][] = [
    ['W_ROOT_LINK', link === undefined ? [] : [link], `the folder is a link to ${root}`],
    ['W_DANGLING', dangling, 'links that lead nowhere were skipped'],
    ['W_DANGLING', [...unfollowed.values()], 'links that lead in circles were not followed'],
    ['W_SPECIAL_FILE', special, 'pipes, sockets and devices were skipped'],
  ]
  return lists.filter(([, items]) => items.length > 0).map(([code, items, message]) => ({ code, message, items }))
}
