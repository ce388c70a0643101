// The trees that are loaded, made once beside the peers, and what happens to them between two runs.
import { createHash, randomFillSync } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { HOME, peerFolder } from './installed.mjs'

/** Changed with what is made below, so that an older tree is not taken for it. */
const EDITION = 1
const WORDS = 'harbour cargo manifest crane anchor tide pilot quay ballast mooring keel stern bow hatch hold'.split(' ')
const KINDS = ['js', 'css', 'svg', 'json', 'txt']

const SHAPES = {
  site: { small: 5_000, smallBytes: 10_240, large: 50, largeBytes: 5 * 2 ** 20 },
  tiny: { small: 100_000, smallBytes: 1_024, large: 0, largeBytes: 0 },
}

export const TREES = [...Object.keys(SHAPES), 'emoji']

/** Plain words, so that no scan for secrets finds any; no two files are alike. */
function text(seed, bytes) {
  let state = seed * 2_654_435_761 + 1
  const words = []
  for (let length = 0; length < bytes; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const word = WORDS[(state >>> 8) % WORDS.length]
    words.push(word)
    length += word.length + 1
  }
  return `/* ${seed} ${words.join(' ')}`.slice(0, bytes - 3).concat(' */')
}

function make(dir, { small, smallBytes, large, largeBytes }) {
  for (let index = 0; index < small; index += 1) {
    const folder = join(dir, `part-${index % 50}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `file-${index}.${KINDS[index % KINDS.length]}`), text(index, smallBytes))
  }
  if (large > 0) mkdirSync(join(dir, 'media'))
  for (let index = 0; index < large; index += 1) {
    writeFileSync(join(dir, 'media', `film-${index}.mp4`), randomFillSync(Buffer.alloc(largeBytes)))
  }
}

/** @returns {Tree} the tree of that name, made if it is not there */
export function treeOf(name) {
  const dir = join(HOME, 'trees', `${name}-${EDITION}`)
  if (!existsSync(dir)) {
    rmSync(`${dir}.part`, { recursive: true, force: true })
    mkdirSync(`${dir}.part`, { recursive: true })
    if (name === 'emoji')
      cpSync(join(peerFolder('twemoji').path, 'node_modules/@twemoji/svg'), `${dir}.part`, { recursive: true })
    else make(`${dir}.part`, SHAPES[name])
    renameSync(`${dir}.part`, dir)
  }
  return new Tree(dir)
}

class Tree {
  #dir
  /** Path -> size and MD5. */
  #files = new Map()
  #mutatedAt = Date.now()

  constructor(dir) {
    this.#dir = dir
    for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) this.#know(join(entry.parentPath, entry.name).slice(dir.length + 1))
    }
  }

  get dir() {
    return this.#dir
  }

  get files() {
    return this.#files
  }

  get bytes() {
    return [...this.#files.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Gives one small file of a hundred other content of the same length; which ones, changes with the round. */
  change(round) {
    const small = [...this.#files.keys()].filter((path) => !path.startsWith('media'))
    const chosen = small.filter((_, index) => index % 100 === round % 100)
    for (const path of chosen) {
      const bytes = readFileSync(join(this.#dir, path))
      // A letter for a letter, near the end: it is other content of the same length.
      const at = bytes.length - 8
      bytes[at] = bytes[at] === 0x61 ? 0x62 : 0x61
      writeFileSync(join(this.#dir, path), bytes)
      this.#know(path)
    }
    this.#mutatedAt = Date.now()
  }

  /** As a build or a checkout does that makes every file anew with the content that it had. */
  touch() {
    const now = new Date()
    for (const path of this.#files.keys()) utimesSync(join(this.#dir, path), now, now)
    this.#mutatedAt = Date.now()
  }

  /** Files changed a moment ago are remembered by no careful client; the first run shall not suffer from the last. */
  async settle() {
    const rest = this.#mutatedAt + 2_200 - Date.now()
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
  }

  #know(path) {
    const bytes = readFileSync(join(this.#dir, path))
    this.#files.set(path, { size: bytes.length, md5: createHash('md5').update(bytes).digest('hex') })
  }
}
