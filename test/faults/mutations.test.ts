import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { diskOf, firstSite, type MutatedSite, mutate, namedBy } from './mutation-site.ts'
import { drawFrom } from './random-trees.ts'

/**
 * A site is changed again and again, one thing at a time. After each change the plan must be what an oracle says that
 * knows the files and the rules, and nothing of how the plan is made: for each path its digest and headers, before and
 * after.
 */
const MUTATIONS = 500
const SEED = process.env.LADING_MUTATIONS_SEED ?? 'a change'
const PAGE = 'public, max-age=0, must-revalidate'
const FOREVER = 'public, max-age=31536000, immutable'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  png: 'image/png',
}

function headersOf(path: string, { rules }: MutatedSite, isHashed: boolean): string {
  const isPage = path.endsWith('.html') || path === 'robots.txt'
  const own = isPage ? PAGE : 'public, max-age=300'
  const set = rules.find(({ means }) => means(path))?.sets
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
  return JSON.stringify(
    Object.entries({ 'content-type': type, 'cache-control': isHashed ? FOREVER : own, ...set }).sort(),
  )
}

/** What the store and the origin hold, as far as the oracle knows. */
interface Known {
  /** By identity: the path, and in offload the digest too. */
  readonly stored: Map<
    string,
    { readonly path: string; readonly digest: string; readonly headers: string; isNamed: boolean }
  >
  /** Pages at the origin, by path: what they say and where what they name lies. */
  readonly pages: Map<string, string>
}

interface Oracle {
  /** `op path` for everything that is planned, sorted. The oracle then knows it as done. */
  plan(site: MutatedSite, known: Known): string[]
}

/** Every file at its own path. */
const mirrorOracle: Oracle = {
  plan(site, { stored }) {
    const wanted = [...site.files].map(([path, content]) => {
      return { id: path, path, digest: hash('sha256', content), headers: headersOf(path, site, false) }
    })
    return [...put(wanted, stored), ...leave(new Set(site.files.keys()), stored, true)].sort()
  },
}

const isMoved = (path: string): boolean => /\.(?:png|css)$/.test(path)

/** Images and styles under hashed names; pages at the origin, written when they or what they name has changed. */
const offloadOracle: Oracle = {
  plan(site, { stored, pages }) {
    const wanted = [...site.files]
      .filter(([path]) => isMoved(path))
      .map(([path, content]) => {
        const digest = hash('sha256', content)
        return { id: `${path} ${digest}`, path, digest, headers: headersOf(path, site, true) }
      })
    const lines = [...put(wanted, stored), ...leave(new Set(wanted.map(({ id }) => id)), stored, false)]
    const says = (path: string, content: string): string =>
      JSON.stringify([
        content,
        namedBy(path, content).map((image) => [image, wanted.find(({ path }) => path === image)?.id]),
      ])
    for (const [path, content] of [...site.files].filter(([name]) => name.endsWith('.html'))) {
      if (pages.get(path) !== says(path, content)) lines.push(`page ${path}`)
      pages.set(path, says(path, content))
    }
    for (const path of pages.keys()) if (!site.files.has(path)) pages.delete(path)
    return lines.sort()
  },
}

type Wanted = { readonly id: string; readonly path: string; readonly digest: string; readonly headers: string }

function put(wanted: readonly Wanted[], stored: Known['stored']): string[] {
  return wanted.map(({ id, ...object }) => {
    const before = stored.get(id)
    stored.set(id, { ...object, isNamed: true })
    if (before === undefined) return `add ${object.path}`
    if (before.digest !== object.digest) return `change ${object.path}`
    return before.headers === object.headers ? `keep ${object.path}` : `headers ${object.path}`
  })
}

function leave(wanted: ReadonlySet<string>, stored: Known['stored'], hasPages: boolean): string[] {
  const lines: string[] = []
  for (const [id, object] of stored) {
    if (wanted.has(id) || !object.isNamed) continue
    const isGone = hasPages && object.path.endsWith('.html')
    lines.push(`${isGone ? 'remove' : 'expire'} ${object.path}`)
    if (isGone) stored.delete(id)
    else object.isNamed = false
  }
  return lines
}

/** What the run said, in the oracle's words. */
const saidBy = ({ events }: Project): string[] =>
  events.flatMap((event) => (event.type === 'file' ? [`${event.op} ${pathOf(event.key)}`] : [])).sort()

const pathOf = (key: string): string => key.replace(/^a\//, '').replace(/\.[a-z2-7]{16}(?=\.\w+$)/, '')

const LINES: readonly [string, LadingConfig, Oracle][] = [
  ['mirror', MIRROR, mirrorOracle],
  ['offload', {}, offloadOracle],
]

describe(`${MUTATIONS} random mutations (seed "${SEED}")`, () => {
  describe.each(LINES)('%s', (mode, config, oracle) => {
    const site = firstSite()
    const known: Known = { stored: new Map(), pages: new Map() }
    let project: Project

    beforeAll(async () => {
      project = createProject({ files: Object.fromEntries(site.files), config: { ...config, maxDelete: '100%' } })
      const expected = oracle.plan(site, known)
      await project.sync()
      expect(saidBy(project)).toEqual(expected)
    })
    afterAll(() => project.remove())

    it.each(Array.from({ length: MUTATIONS / LINES.length }, (_, step) => step + 1))('mutation %d', async (step) => {
      const what = mutate(site, diskOf(project.path('site')), drawFrom(`${SEED} ${mode} ${step}`))
      const headers = site.rules.map(({ rule }) => rule)
      const expected = oracle.plan(site, known)
      await project.plan({ headers })
      expect(saidBy(project), `planned after ${what}`).toEqual(expected)
      await project.sync({ headers })
      expect(saidBy(project), `done after ${what}`).toEqual(expected)
    })
  })
})
