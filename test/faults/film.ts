import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts `media/film.mp4` into a tree: what does not fit into one request. */
export function writeFilm(tree: string): void {
  mkdirSync(join(tree, 'media'))
  const block = createHash('sha256').update('film').digest()
  writeFileSync(join(tree, 'media/film.mp4'), Buffer.alloc(17 * 2 ** 20, block))
}
