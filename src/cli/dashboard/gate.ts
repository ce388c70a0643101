import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Names that always lead to this machine. A browser looks the last one up nowhere else. */
const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

export const isLoopback = (host: string): boolean => LOOPBACK.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host)

/** The address of this machine by which a server is reached here that listens on all of them. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** What a browser on this machine is told. */
export const reachedAt = (host: string): string => EVERYWHERE[host] ?? host

/** An address of IPv4 as such, also where a server of IPv6 sees it. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '')

/** How a host is written in an address. */
export const inAddress = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/**
 * Whether a request was addressed to this server by a name that is ours, and comes from our own page if it comes from
 * one. A foreign name means that somebody's DNS leads here (DNS rebinding), a foreign origin that another site's page
 * asks; both arrive from the user's own browser.
 *
 * @param host that the server was told to listen on
 */
export function isOurs(request: IncomingMessage, host: string): boolean {
  const { headers, rawHeaders, socket } = request
  // Node keeps the first of several.
  if (rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length !== 1) return false
  const asked = headers.host?.toLowerCase()
  if (asked === undefined || !namesOf(socket, host).includes(asked)) return false
  if (headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${asked}`) return false
  // A link may lead to the page from anywhere; nothing but the page itself may ask for more.
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers
  return site === undefined || site === 'same-origin' || (mode === 'navigate' && dest === 'document')
}

/** With the port; names that only our own machine could give this socket. */
function namesOf({ localAddress = '', localPort = 0 }: IncomingMessage['socket'], host: string): readonly string[] {
  const address = plainAddress(localAddress)
  const names = new Set([address, reachedAt(host.toLowerCase()), ...(isLoopback(address) ? ['localhost'] : [])])
  return [...names].flatMap((name) => [
    `${inAddress(name)}:${localPort}`,
    ...(localPort === 80 ? [inAddress(name)] : []),
  ])
}

/** Compares in constant time. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))
}
