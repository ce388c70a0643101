import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doctor, resolveDoctor } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { caching, closed, conditional, type Front, type Manner, open, startFront, varied } from '../rig/front.ts'
import { createProject, type Project } from '../rig/project.ts'
import { createHandClock, keysOf } from '../rig/published.ts'

/** Rows H08 and H09: `cors: true` in the configuration of a CDN that does not keep it. */

const FONT = { 'site.css': '@font-face { src: url(x.woff2) }', 'x.woff2': 'font', 'p.png': 'picture' }
const PAGES = {
  'a module': { 'index.html': '<script type="module" src="x.mjs"></script>', 'x.mjs': 'document.title = 1' },
  'a module that is preloaded': {
    'index.html': '<link rel="modulepreload" href="x.mjs">',
    'x.mjs': 'document.title = 1',
  },
  'a font in a style sheet': { ...FONT, 'index.html': '<link rel="stylesheet" href="site.css"><img src="p.png">' },
  'a font that is preloaded': { ...FONT, 'index.html': '<link rel="preload" as="font" crossorigin href="x.woff2">' },
} as const

let store: ReturnType<typeof createMemoryStore>
let front: Front
let project: Project | undefined

beforeEach(async () => {
  store = createMemoryStore()
  front = await startFront(store)
})

afterEach(async () => {
  await front.close()
  project?.remove()
  project = undefined
})

/** What is asked for first, and what a sync and a doctor make of a CDN with this manner. */
async function verdicts(files: Readonly<Record<string, string>>, manner: Manner) {
  const run = { ask: undefined, clock: createHandClock() }
  project = createProject({ files, store, config: { url: front.url, out: 'out', cors: true }, run })
  front.behave(manner)
  const refused = await project.sync().then(
    () => undefined,
    (error: unknown) => error,
  )
  const asked = front.asked.map(([path]) => path)
  const isOut = existsSync(project.path('out')) || (await keysOf(store)).includes('.lading/pointer.json')
  const config = { to: './store', cacheDir: 'cache', url: front.url, cors: true }
  const found = await doctor(resolveDoctor(config, { cwd: project.dir, env: {} }), {
    ...run,
    openStore: async () => store,
  })
  return { refused, asked, isOut, cors: found.at(-1)?.public?.cors }
}

const MISSING = { code: 'E_CORS_MISSING', exitCode: 3 }

describe('a CDN that is said to allow cross-origin use', () => {
  it.each([
    ['H08', 'a module', closed, 'closed'],
    ['H08', 'a module that is preloaded', closed, 'closed'],
    ['H08', 'a module', conditional, 'poisonable'],
    ['H09', 'a font in a style sheet', closed, 'closed'],
    ['H09', 'a font that is preloaded', closed, 'closed'],
    ['H09', 'a font in a style sheet', conditional, 'poisonable'],
    ['H09', 'a font in a style sheet', caching(conditional), 'closed'],
  ] as const)(
    '%s: and does not, with %s, is found out before anything is published, and by doctor',
    async (_row, page, manner, cors) => {
      const found = await verdicts(PAGES[page], manner)
      expect(found).toMatchObject({ refused: MISSING, isOut: false, cors })
      expect(found.asked).toEqual([expect.stringMatching(/^a\/x\./), expect.stringMatching(/^a\/x\./)])
    },
  )

  it.each([
    ['H08', 'a module', open],
    ['H09', 'a font in a style sheet', open],
    ['H09', 'a font in a style sheet', varied],
  ] as const)('%s: and does, with %s, is published to', async (_row, page, manner) => {
    const found = await verdicts(PAGES[page], manner)
    expect(found).toMatchObject({ refused: undefined, isOut: true, cors: 'open' })
  })
})
