import { createHash } from 'node:crypto'
import { type Answer, type Ask, isAnswer, type NoAnswer, redirectOf, typeOf } from './ask.ts'
import { canRead, type ReadAs, usesOf } from './document.ts'
import type { PageContext, Use } from './use.ts'

/** What references want to know of one address. */
export interface Needs {
  readonly as: ReadonlySet<ReadAs>
  readonly digests: boolean
  readonly cors: boolean
}

/** By name as `integrity` writes it, in base64. */
export type Digests = Readonly<Record<'sha256' | 'sha384' | 'sha512', string>>

/** One address, asked. */
export interface Visit {
  /** The answer without `Origin`; its body is not kept. */
  readonly asked: Omit<Answer, 'body'> | NoAnswer
  /** Asked once more with the site's `Origin`; only where that was needed. */
  readonly cors?: Omit<Answer, 'body'> | NoAnswer | undefined
  readonly digests?: Digests | undefined
  /** What it names, when it was read as a document. */
  readonly uses?: readonly Use[] | undefined
  /** Where it redirects to. */
  readonly location: string | undefined
  readonly needs: Needs
}

export const NO_NEEDS: Needs = { as: new Set(), digests: false, cors: false }

export function joined(a: Needs, b: Needs): Needs {
  return { as: new Set([...a.as, ...b.as]), digests: a.digests || b.digests, cors: a.cors || b.cors }
}

/** True when everything that `wanted` asks for was asked in `known`. */
export function covers(known: Needs, wanted: Needs): boolean {
  const isRead = [...wanted.as].every((as) => known.as.has(as))
  return isRead && (known.digests || !wanted.digests) && (known.cors || !wanted.cors)
}

export interface VisitInput {
  readonly url: string
  readonly needs: Needs
  /** What is known already, when an earlier reference needed less. */
  readonly before: Visit | undefined
  readonly origin: string
  /** Of the first reference that leads here. */
  readonly page: PageContext
  readonly ask: Ask
}

/** Makes only those requests for an address that earlier visits have not made. */
export async function visit({ url, needs, before, origin, page, ask }: VisitInput): Promise<Visit> {
  const isMoreRead = before === undefined || !covers({ ...before.needs, cors: true }, needs)
  const plain = isMoreRead ? await askPlain({ url, needs, page, ask, isRead: before?.uses !== undefined }) : before
  const isAsked = needs.cors && before?.cors === undefined
  const cors = isAsked ? await ask(url, { origin, wants: () => false }) : before?.cors
  return {
    ...plain,
    cors,
    digests: plain.digests ?? before?.digests,
    uses: before?.uses ?? plain.uses,
    needs: before === undefined ? needs : joined(before.needs, needs),
  }
}

type Plain = Pick<Visit, 'asked' | 'digests' | 'uses' | 'location'>

async function askPlain({
  url,
  needs,
  page,
  ask,
  isRead,
}: Pick<VisitInput, 'url' | 'needs' | 'page' | 'ask'> & { readonly isRead: boolean }): Promise<Plain> {
  const readers = (type: string): ReadAs[] => [...needs.as].filter((as) => canRead[as](type))
  const asked = await ask(url, { wants: (type) => needs.digests || readers(type).length > 0 })
  if (!isAnswer(asked)) return { asked, location: undefined }
  const { status, headers, body, isTooLarge } = asked
  const answer = { status, headers, isTooLarge }
  const location = redirectOf(asked, url)
  if (body === undefined) return { asked: answer, location }
  const digests = needs.digests ? digestsOf(body) : undefined
  const [as] = readers(typeOf(headers))
  if (as === undefined || isRead) return { asked: answer, digests, location }
  const requiresCorp = /^\s*require-corp\b/i.test(headers.get('cross-origin-embedder-policy') ?? '')
  const context = as === 'page' ? { url, requiresCorp } : page
  return { asked: answer, digests, location, uses: usesOf({ url, body, headers, as, page: context }) }
}

function digestsOf(body: Uint8Array): Digests {
  const digest = (name: string): string => createHash(name).update(body).digest('base64')
  return { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') }
}
