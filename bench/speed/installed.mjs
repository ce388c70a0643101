// Where bench/peers.sh has put the peers, and what it could not install.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const CACHE = new URL('../../node_modules/.cache/', import.meta.url).pathname

export const HOME = resolve(process.env.LADING_PEERS ?? join(CACHE, 'lading-peers'))
const SERVERS = resolve(process.env.LADING_SERVERS ?? join(CACHE, 'lading-servers'))

/** The newest of the folders NAME-VERSION, which are one after each run of the installers. */
function folderOf(home, name) {
  const folders = existsSync(home) ? readdirSync(home, { withFileTypes: true }) : []
  const found = folders.find(({ name: folder }) => folder.startsWith(`${name}-`) && !folder.endsWith('.part'))
  return found && { path: join(home, found.name), version: found.name.slice(name.length + 1) }
}

/** @returns {{ path: string, version: string } | undefined} of a peer, of the tree `twemoji`, or of the server `s3d` */
export const peerFolder = (name) => folderOf(HOME, name)

export const serverFolder = (name) => folderOf(SERVERS, name)

/** @returns {string} why a peer is not there */
export function reasonFor(name) {
  const note = join(HOME, `${name}.missing`)
  return existsSync(note) ? readFileSync(note, 'utf8').trim() : 'not installed: run bench/peers.sh'
}
