import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, type LadingEvent, prune, releases, remove, rollback } from '../../src/index.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const site = (image: string): Record<string, string> => ({
  'index.html': `<img src="${image}.png">`,
  [`${image}.png`]: `pixels of ${image}`,
})

/** Three releases of long ago, each with an image of its own. */
async function threeReleases(config: LadingConfig = {}): Promise<Published> {
  const made = createPublished({ files: site('first'), config })
  all.push(made)
  await made.site.sync()
  for (const image of ['second', 'third']) {
    made.become(site(image))
    await made.site.sync()
  }
  made.clock.passDays(20)
  return made
}

const KEEP_ONE: LadingConfig = { keepReleases: 1 }

describe('prune', () => {
  it('by default keeps five releases and whatever they name', async () => {
    const { history, run, store } = await threeReleases()
    const before = await stateOf(store)
    expect(await prune(history(), run)).toMatchObject({ ok: true, exit: 0, removed: 0, kept: 3, state: 0 })
    expect(await stateOf(store)).toEqual(before)
  })

  it('removes what no kept release names, with the records and contents that go with it', async () => {
    const { history, run, keys, said } = await threeReleases()
    const bytes = 'pixels of first'.length + 'pixels of second'.length
    const planned = await prune({ ...history(KEEP_ONE), dryRun: true }, run)
    expect(planned).toMatchObject({ dryRun: true, removed: 2, bytes, kept: 1 })
    expect(await prune(history(KEEP_ONE), run)).toMatchObject({ removed: 2, bytes, kept: 1, state: planned.state })
    expect(said).toContainEqual(
      expect.objectContaining({ op: 'remove', reason: 'not named since 2026-03-01', done: true }),
    )
    expect(await keys()).toEqual([expect.stringMatching(/^a\/third\./)])
    expect((await releases(history(), run)).map(({ seq }) => seq)).toEqual([3])
  })

  it('says of nothing to do how much stays', async () => {
    const { history, run } = await threeReleases()
    await prune(history(KEEP_ONE), run)
    expect(await prune(history(KEEP_ONE), run)).toMatchObject({ removed: 0, state: 0, kept: 1 })
  })

  it('is at rest after once, also after changes that were no releases', async () => {
    const { history, run, store } = await threeReleases(MIRROR)
    await prune(history(KEEP_ONE), run)
    await remove({ ...history(), subject: 'third.png', now: true }, run)
    await prune(history(KEEP_ONE), run)
    const before = await stateOf(store)
    expect(await prune(history(KEEP_ONE), run)).toMatchObject({ removed: 0, state: 0 })
    expect(await stateOf(store)).toEqual(before)
  })

  it('is noticed by a rollback, which stops before it changes anything', async () => {
    const made = await threeReleases()
    const [, second] = await releases(made.history(), made.run)
    await prune(made.history(KEEP_ONE), made.run)
    const before = await stateOf(made.store)
    await expect(rollback({ ...made.history(), id: second?.id }, made.run)).rejects.toMatchObject({
      code: 'E_ROLLBACK',
    })
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject({ code: 'E_ROLLBACK' })
    expect(await stateOf(made.store)).toEqual(before)
  })

  it('on a machine whose clock is weeks ahead lets go of nothing early: the store tells what time it is', async () => {
    const { history, run, store, clock } = await threeReleases()
    const ahead = { ...clock, wallMs: () => clock.wallMs() + 90 * 86_400_000 }
    const before = await stateOf(store)
    const keeping = { ...KEEP_ONE, keepDays: 60 }
    expect(await prune(history(keeping), { ...run, clock: ahead })).toMatchObject({ removed: 0, state: 0 })
    expect(await stateOf(store)).toEqual(before)
    clock.passDays(60)
    expect(await prune(history(keeping), { ...run, clock: ahead })).toMatchObject({ removed: 2 })
  })

  it('waits for a deploy that is under way, and counts with what that has published', async () => {
    const made = await threeReleases()
    const events: LadingEvent[] = []
    made.become(site('first'))
    // whoever waits lets the deploy get on, which compresses in a thread: by the hand clock it would be dead at once
    const clock = { ...made.clock, sleep: async () => delay(1) }
    const [pruned] = await Promise.all([
      prune(made.history(KEEP_ONE), { ...made.run, clock, emit: (event) => events.push(event) }),
      made.site.sync(),
    ])
    expect(pruned.ok).toBe(true)
    expect((await made.keys()).filter((key) => key.startsWith('a/first.'))).toHaveLength(1)
    expect(await made.site.sync()).toMatchObject({ published: false })
  })
})

describe('what a page still names, although it is gone from the site, keeps what it names in turn:', () => {
  const sheet = '<link rel="stylesheet" href="site.css">'
  const tree = { 'app/main.js': "import('./sub/' + name)", 'app/sub/one.js': 'export {}', 'app/data.bin': '1' }
  const module = (path: string): string => `<script type="module" src="${path}"></script>`
  // the page is left as an earlier run wrote it
  const KEEP: LadingConfig = { keep: ['old.html'] }

  it.each<[string, Record<string, string>, Record<string, string>, LadingConfig]>([
    [
      'pictures of a style sheet, through another',
      { 'old.html': sheet, 'site.css': '@import "more.css";', 'more.css': 'a{background:url(x.png)}', 'x.png': '1' },
      { 'x.png': '2' },
      {},
    ],
    [
      'a custom property, which says the whole address',
      { 'old.html': sheet, 'site.css': ':root{--x:url(x.png)} a{background:var(--x)}', 'x.png': '1' },
      { 'x.png': '2' },
      {},
    ],
    [
      'what is stored compressed',
      { 'old.html': sheet, 'site.css': `a{background:url(x.png)}${' '.repeat(5000)}`, 'x.png': '1' },
      { 'x.png': '2' },
      { compress: 'gzip' },
    ],
    [
      'imports of a module',
      { 'old.html': module('main.js'), 'main.js': "import './b.js'", 'b.js': 'export const b = 1' },
      { 'b.js': 'export const b = 2' },
      {},
    ],
    ['the folder of a script', { 'old.html': module('app/main.js'), ...tree }, { 'app/data.bin': '2' }, {}],
  ])('%s', async (_, files, changed, config) => {
    const made = createPublished({ files, config: { cors: true, inPlace: true, ...config } })
    all.push(made)
    const { site, clock, history, run, keys } = made
    await site.sync()
    const first = await keys()
    for (const [path, text] of Object.entries(changed)) site.write(`site/${path}`, text)
    site.write('site/new.html', files['old.html'] ?? '')
    await site.sync(KEEP)
    clock.passDays(20)
    await prune(history(KEEP_ONE), run)
    expect(await keys()).toEqual(expect.arrayContaining(first))
    // nothing of it is needed once the page follows
    await site.sync()
    clock.passDays(20)
    await prune(history(KEEP_ONE), run)
    expect((await keys()).filter((key) => first.includes(key))).toEqual([])
  })
})
