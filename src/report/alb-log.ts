import { targetOf } from './common-log.ts'
import { bytesOf, type Parsed, type ParseLine } from './entry.ts'

/**
 * `TYPE TIME ELB CLIENT TARGET 3xSECONDS STATUS TARGET_STATUS RECEIVED SENT "REQUEST" "USER_AGENT" ...`
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
const LINE =
  /^(?:https?|h2|grpcs|wss?) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) \S+ \S+ \S+ \S+ \S+ \S+ (\d{3}|-) \S+ \d+ (\d+) "((?:[^"\\]|\\.)*)" /

export function albLog(): ParseLine {
  return (line): Parsed => {
    if (line === '') return 'note'
    const [, time = '', status = '', sent = '', request = ''] = LINE.exec(line) ?? []
    const bytes = bytesOf(sent)
    if (status === '' || bytes === undefined) return undefined
    const code = status === '-' ? 0 : Number(status) // a connection that ended before an answer
    const target = targetOf(request)
    return {
      ...{ site: target === '' ? '' : hostOf(request), target, status: code, bytes },
      ...{ atMs: Date.parse(time), cache: undefined },
    }
  }
}

/** `GET https://a.example:443/x HTTP/1.1` -> `a.example`: the port of the scheme says nothing, and who asks is left out. */
const hostOf = (request: string): string =>
  (/^\S+ https?:\/\/(?:[^/?#\s]*@)?([^/?#\s]*)/i.exec(request)?.[1] ?? '').toLowerCase().replace(/:(?:443|80)$/, '')
