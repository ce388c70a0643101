import { isAnswer } from '../ask.ts'
import type { Check, Fault } from '../finding.ts'
import { originOf } from '../use.ts'

/** What is requested with CORS must be readable by a page of this site, whatever a cache has answered before. */
export const cors: Check = ({ use, visit, site }) => {
  if (use.loadClass !== 'B' || originOf(use.url) === site.origin || visit?.cors === undefined) return []
  const { asked: plain, cors: asked } = visit
  // already reported for the request without Origin
  if (!isAnswer(plain) || plain.status !== 200) return []
  if (!isAnswer(asked)) return [refused(`does not answer when asked with Origin: ${asked.failure}`, site.origin)]
  if (asked.status !== 200) return [refused(`answers ${asked.status} when asked with Origin`, site.origin)]
  const allowed = allowedBy(asked.headers)
  if (allowed !== '*' && allowed !== site.origin) {
    const shown = allowed === undefined ? 'without Access-Control-Allow-Origin' : `allowed to ${allowed} alone`
    return [refused(`comes ${shown}`, site.origin)]
  }
  const depends = allowedBy(plain.headers) !== allowed
  return depends && !(varies(plain.headers) && varies(asked.headers)) ? [POISONED] : []
}

const allowedBy = (headers: Headers): string | undefined =>
  headers.get('access-control-allow-origin')?.trim() ?? undefined

const varies = (headers: Headers): boolean =>
  (headers.get('vary') ?? '').split(',').some((name) => /^(?:\*|origin)$/i.test(name.trim()))

const refused = (message: string, origin: string): Fault => ({
  kind: 'cors',
  message,
  why: `Browsers hand it to no page of ${origin}: fonts, modules and crossorigin need CORS.`,
  fix: 'Answer Access-Control-Allow-Origin: *, or sync with --no-cors: it stays at the site then.',
})

const POISONED: Fault = {
  kind: 'vary',
  message: 'is allowed only when asked with Origin, and says no Vary: Origin',
  why: 'A cache keeps the answer for a plain request and gives it to one with CORS, which then fails.',
  fix: 'Send Vary: Origin with every answer, or Access-Control-Allow-Origin: * always.',
}
