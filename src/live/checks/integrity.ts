import { isAnswer } from '../ask.ts'
import type { Check } from '../finding.ts'
import type { Digests } from '../visit.ts'

/** The bytes are those that the page names. */
export const integrity: Check = ({ use, visit }) => {
  const { asked, digests } = visit ?? {}
  if (use.integrity === undefined || digests === undefined || !isAnswer(asked) || asked.status !== 200) return []
  const named = strongest(use.integrity)
  if (named === undefined || named.values.includes(digests[named.name])) return []
  return [
    {
      kind: 'integrity',
      message: `is not what integrity names; it is ${named.name}-${digests[named.name]}`,
      why: 'Browsers refuse it: the bytes are others than when the page was made.',
      fix: 'Publish the page and the file of one build, and let nothing on the way change the file.',
    },
  ]
}

const STRONGEST_FIRST: readonly (keyof Digests)[] = ['sha512', 'sha384', 'sha256']

/**
 * Only the strongest algorithm counts, any of its values may match, and unknown algorithms are ignored.
 * https://www.w3.org/TR/SRI/#get-the-strongest-metadata-from-set
 */
function strongest(text: string): { name: keyof Digests; values: readonly string[] } | undefined {
  const tokens = text.split(/[\t\n\f\r ]+/).map((token) => token.split('?')[0] ?? '')
  for (const name of STRONGEST_FIRST) {
    const named = tokens.filter((token) => token.toLowerCase().startsWith(`${name}-`))
    const values = named.map((token) =>
      token
        .slice(name.length + 1)
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
    )
    if (values.length > 0) return { name, values }
  }
  return undefined
}
