/** Headers of an answer, by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, string>>

/**
 * What an address makes of cross-origin use.
 *
 *   open        whoever asks may read, whatever was asked before
 *   closed      an asking page is given no permission
 *   poisonable  permission is given only to who asks with `Origin`, and caches are not told: what an `<img>` has left in
 *               one of them is later given to a font, which the browser then refuses
 */
export type CorsFinding = 'open' | 'closed' | 'poisonable'

export interface CorsAnswers {
  /** To a request without `Origin`, sent first, so that the second one meets whatever a cache kept of it. */
  readonly plain: AnswerHeaders
  /** To the same request with `Origin`. */
  readonly asked: AnswerHeaders
  /** The value of that `Origin`. */
  readonly origin: string
}

/**
 *   with Origin: allowed   without: allowed   without: Vary names Origin   finding
 *   no                     -                  -                            closed
 *   yes                    yes                -                            open
 *   yes                    no                 yes                          open
 *   yes                    no                 no                           poisonable
 *
 * https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
 */
export function judgeCors({ plain, asked, origin }: CorsAnswers): CorsFinding {
  if (!allows(asked, origin)) return 'closed'
  return allows(plain, origin) || variesByOrigin(plain) ? 'open' : 'poisonable'
}

function allows(headers: AnswerHeaders, origin: string): boolean {
  const allowed = headers['access-control-allow-origin']?.trim()
  return allowed === '*' || allowed === origin
}

function variesByOrigin({ vary = '' }: AnswerHeaders): boolean {
  return vary.split(',').some((name) => ['origin', '*'].includes(name.trim().toLowerCase()))
}
