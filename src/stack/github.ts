import { LadingError, printable } from '../words/errors.ts'

/** A line of a repository's history, whose runs may deploy. */
export interface GitHubBranch {
  /** `acme/site` */
  readonly repository: string
  readonly branch: string
  /** What a run's token says of itself: `repo:acme/site:ref:refs/heads/main`. */
  readonly subject: string
  /** The numbers of owner and repository are in it, which no other repository ever gets. */
  readonly hasIds: boolean
}

/**
 * Where repositories are new, GitHub signs the numbers of owner and repository too.
 * https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
 */
const WRITTEN =
  /^(?:(?<owner>[\w-]+)\/(?<repo>[\w.-]+)|(?<owner2>[\w-]+)@(?<ownerId>\d+)\/(?<repo2>[\w.-]+)@(?<repoId>\d+))(?:@(?<branch>[^\s*?:~^\\[]+))?$/

/**
 * Reads `acme/site`, `acme/site@release` or `acme@1234/site@5678@release`.
 * @throws E_USAGE for anything else, a pattern above all
 */
export function parseGitHub(text: string): GitHubBranch {
  const found = WRITTEN.exec(text)?.groups
  if (found === undefined) {
    throw new LadingError('E_USAGE', `"${printable(text)}" is no branch of a repository at GitHub`, {
      subject: '--github',
      why: 'The role trusts one branch, and no pattern.',
      hint: 'Write OWNER/REPO@BRANCH, or with their numbers OWNER@ID/REPO@ID@BRANCH; without a branch it is main.',
    })
  }
  const { owner = found.owner2, repo = found.repo2, ownerId, repoId, branch = 'main' } = found
  const repository = `${owner}/${repo}`
  const named = ownerId === undefined ? repository : `${owner}@${ownerId}/${repo}@${repoId}`
  return { repository, branch, subject: `repo:${named}:ref:refs/heads/${branch}`, hasIds: ownerId !== undefined }
}
