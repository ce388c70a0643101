import type { AnswerHeaders, CorsFinding } from '../plan/cors.ts'
import { LadingError } from '../words/errors.ts'
import { isNobody } from './telling.ts'

const NOTHING_LOST = 'Nothing was published; what was uploaded stays and is not sent again.'

/** What was just proved to lie in the store is not what visitors get. */
export function unserved(url: string, why: string, store: string): LadingError {
  return new LadingError('E_URL_UNSERVED', 'The public address does not serve what was just uploaded', {
    subject: url,
    why: `Asked for it, ${why}. Pages would name what visitors do not get. ${NOTHING_LOST}`,
    hint: `See that \`url\` leads to ${store} and that everybody may read there; lading doctor asks again.`,
  })
}

export interface Contradiction {
  readonly url: string
  /** In whose name it was asked. */
  readonly origin: string
  /** Of the answer to a request with `Origin`. */
  readonly asked: AnswerHeaders
}

/** `cors: true` is not what the address does. */
export function corsMissing(finding: Exclude<CorsFinding, 'open'>, contradiction: Contradiction): LadingError {
  return finding === 'closed' ? closed(contradiction) : poisonable(contradiction)
}

function closed({ url, origin, asked }: Contradiction): LadingError {
  const allowed = asked['access-control-allow-origin']
  const answer = allowed === undefined ? 'no Access-Control-Allow-Origin' : `Access-Control-Allow-Origin: ${allowed}`
  const ownSite = isNobody(origin) ? ' If it allows your site alone, set `site`, in whose name we then ask.' : ''
  return new LadingError(
    'E_CORS_MISSING',
    'The public address does not allow cross-origin use, although `cors` is set',
    {
      subject: url,
      why: `Asked with Origin: ${origin}, it answered ${answer}. Browsers would refuse fonts and modules from it. ${NOTHING_LOST}`,
      hint: `Let it answer Access-Control-Allow-Origin: * (lading policy cors), or set cors: false, and they stay at the site.${ownSite}`,
    },
  )
}

function poisonable({ url, origin }: Contradiction): LadingError {
  return new LadingError(
    'E_CORS_MISSING',
    'The public address allows cross-origin use only until a cache is in between',
    {
      subject: url,
      why: `With Origin: ${origin} it gives permission; without Origin it answers neither Access-Control-Allow-Origin nor Vary: Origin. A cache that an <img> or a preload has filled gives that answer to a font or module too, and the browser refuses it. ${NOTHING_LOST}`,
      hint: 'Let it answer Access-Control-Allow-Origin: * to every request, or Vary: Origin to every request: lading policy cors.',
    },
  )
}
