import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, releases, rollback, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FIRST = { 'index.html': '<img src="x.png">first', 'x.png': 'first x', 'old.html': 'old', 'robots.txt': 'one' }
const SECOND = { 'index.html': '<img src="x.png">second', 'x.png': 'second x', 'robots.txt': 'one' }

async function twoReleases(config: LadingConfig = MIRROR): Promise<Published & { ids: readonly string[] }> {
  const made = createPublished({ files: FIRST, config })
  all.push(made)
  const first = await made.site.sync()
  made.become(SECOND)
  const second = await made.site.sync()
  return { ...made, ids: [first.release ?? '', second.release ?? ''] }
}

const page = (text: string | undefined): string => (text ?? '').replace(/<img[^>]*>/, '')

describe('without an id', () => {
  it('the release before the live one comes back, with the pages that had gone', async () => {
    const { history, run, text, ids } = await twoReleases()
    const summary = await rollback(history(), run)
    expect(summary).toMatchObject({ published: true, mode: 'mirror', seq: 3, added: 1, changed: 2, kept: 1 })
    expect(await text('index.html')).toBe(FIRST['index.html'])
    expect(await text('x.png')).toBe(FIRST['x.png'])
    expect(await text('old.html')).toBe('old')
    const [newest] = await releases(history(), run)
    expect(newest).toMatchObject({ live: true, restores: ids[0], previous: ids[1], id: summary.release })
  })

  it('says what it has planned before it transfers anything, so that the transfer is timed from there', async () => {
    const { history, run, said } = await twoReleases()
    await rollback(history(), run)
    const told = said.filter(({ type }) => type === 'phase' || type === 'progress')
    expect(told[0]).toMatchObject({ type: 'phase', phase: 'plan', files: 3, bytes: expect.any(Number) })
    expect(told[1]).toMatchObject({ type: 'progress', files: { done: 1, total: 3 } })
  })

  it('again undoes the rollback, since it was a release too', async () => {
    const { history, run, text } = await twoReleases()
    await rollback(history(), run)
    expect(await rollback(history(), run)).toMatchObject({ published: true, removed: 1 })
    expect(await text('index.html')).toBe(SECOND['index.html'])
    expect(await text('x.png')).toBe(SECOND['x.png'])
    expect(await text('old.html')).toBeUndefined()
  })

  it('there must be one', async () => {
    const made = createPublished({ files: FIRST, config: MIRROR })
    all.push(made)
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject({ code: 'E_ROLLBACK', exitCode: 3 })
    await made.site.sync()
    const refused = { code: 'E_ROLLBACK', message: 'There is no release before the live one' }
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject(refused)
  })
})

describe('to an id', () => {
  it('any release comes back, however many have followed', async () => {
    const { site, history, run, text, ids, become } = await twoReleases()
    become({ ...SECOND, 'x.png': 'third x' })
    await site.sync()
    expect(await rollback({ ...history(), id: ids[0] }, run)).toMatchObject({ published: true })
    expect([await text('x.png'), await text('old.html')]).toEqual([FIRST['x.png'], 'old'])
  })

  it('the one that is live is no news', async () => {
    const { history, run, store, ids } = await twoReleases()
    const before = await stateOf(store)
    expect(await rollback({ ...history(), id: ids[1] }, run)).toMatchObject({ published: false, seq: 2 })
    expect(await stateOf(store)).toEqual(before)
  })

  it('an unknown one is refused, and one of nearly that name is offered', async () => {
    const { history, run, store, ids } = await twoReleases()
    const [first = ''] = ids
    const before = await stateOf(store)
    const hint = `Did you mean: lading rollback ${first}`
    const typo = `${first.slice(0, -1)}_`
    await expect(rollback({ ...history(), id: typo }, run)).rejects.toMatchObject({ code: 'E_ROLLBACK', hint })
    await expect(rollback({ ...history(), id: 'r1' }, run)).rejects.toMatchObject({ code: 'E_ROLLBACK', hint })
    await expect(rollback({ ...history(), id: 'nothing like it' }, run)).rejects.toMatchObject({
      hint: 'lading releases lists what there is.',
    })
    expect(await stateOf(store)).toEqual(before)
  })

  it('one of another channel is refused, and that channel is named', async () => {
    const { site, history, run, store } = await twoReleases({})
    const { release: id } = await site.sync({ channel: 'preview' })
    const before = await stateOf(store)
    await expect(rollback({ ...history(), id }, run)).rejects.toMatchObject({
      code: 'E_ROLLBACK',
      exitCode: 3,
      hint: 'Say --channel preview to roll that one back.',
    })
    expect(await stateOf(store)).toEqual(before)
  })
})

describe('files at their own paths that belong to another channel by now', () => {
  it.each([{}, { dryRun: true }])('are not overwritten, and their channel is named: %j', async (how) => {
    const config = { url: 'https://cdn.example.com/', maxDelete: '100%' }
    const made = createPublished({ files: FIRST, config })
    all.push(made)
    await made.site.sync({ host: true, channel: 'prod' })
    await made.site.sync({ out: 'out', channel: 'prod' })
    made.become(SECOND)
    await made.site.sync({ host: true, channel: 'staging' })
    const before = await stateOf(made.store)
    await expect(rollback({ ...made.history({ channel: 'prod' }), ...how }, made.run)).rejects.toMatchObject({
      code: 'E_CHANNEL',
      exitCode: 3,
      message: expect.stringContaining('"staging"'),
      hint: 'Deploy that state from its sources, to a prefix of its own.',
    })
    expect(await stateOf(made.store)).toEqual(before)
  })

  it('are looked for again in the round after another channel has come first', async () => {
    const memory = createMemoryStore()
    let meanwhile = async (): Promise<void> => {}
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (/deploys\//.test(key)) {
          const first = meanwhile
          meanwhile = async () => {}
          await first()
        }
        return memory.put(key, ...rest)
      },
    }
    const config = { url: 'https://cdn.example.com/', maxDelete: '100%' }
    const made = createPublished({ files: FIRST, config, store })
    all.push(made)
    await made.site.sync({ host: true, channel: 'prod' })
    await made.site.sync({ out: 'out', channel: 'prod' })
    made.become(SECOND)
    meanwhile = async () => void (await made.site.sync({ host: true, channel: 'staging' }))
    await expect(rollback(made.history({ channel: 'prod' }), made.run)).rejects.toMatchObject({ code: 'E_CHANNEL' })
    expect(page(await made.text('index.html'))).toBe('second')
  })
})

describe('a dry run', () => {
  it.each<[string, LadingConfig]>([
    ['mirror', MIRROR],
    ['offload', {}],
    ['host', { host: true }],
  ])('%s: says what the rollback does, and writes nothing', async (_mode, config) => {
    const { history, run, store, said, site } = await twoReleases(config)
    const before = await stateOf(store)
    const planned = await rollback({ ...history(), dryRun: true }, run)
    const files = said.filter(({ type }) => type === 'file')
    expect(await stateOf(store)).toEqual(before)
    if (config !== MIRROR && !('host' in config)) expect(page(site.read('out/index.html').toString())).toBe('second')
    const done = await rollback(history(), run)
    const { added, changed, removed, kept, reheadered, bytes, published } = done
    expect(planned).toMatchObject({ dryRun: true, added, changed, removed, kept, reheadered, bytes, published })
    expect(said.filter(({ type }) => type === 'file')).toEqual(files.map((event) => ({ ...event, done: true })))
  })
})

describe('pages at the origin', () => {
  it('come back in the output folder, beside what else lies there', async () => {
    const { history, run, site } = await twoReleases({})
    expect(await rollback(history(), run)).toMatchObject({ mode: 'offload', pages: { written: 2, removed: 0 } })
    expect(page(site.read('out/index.html').toString())).toBe('first')
    expect(site.read('out/old.html').toString()).toBe('old')
    expect(site.read('out/robots.txt').toString()).toBe('one')
    // the next deploy knows that page for one of its own, and takes it away
    expect(await site.sync()).toMatchObject({ published: true, pages: { removed: 1 } })
  })

  it('come back in place', async () => {
    const { history, run, site } = await twoReleases({ inPlace: true })
    await rollback(history(), run)
    expect(page(site.read('site/index.html').toString())).toBe('first')
  })

  it('have to be somewhere: without a folder nothing is changed', async () => {
    const { history, run, store } = await twoReleases({})
    const before = await stateOf(store)
    const { pages: _, ...rest } = history()
    const refused = { code: 'E_USAGE', exitCode: 2 }
    await expect(rollback({ ...rest, pages: undefined }, run)).rejects.toMatchObject(refused)
    expect(await stateOf(store)).toEqual(before)
  })
})

describe('what is no longer there', () => {
  it.each<[string, LadingConfig, string, string]>([
    ['a kept content', MIRROR, `.lading/blobs/${hash('sha256', 'first x')}`, 'x.png'],
    ['the content of a page', {}, `.lading/blobs/${hash('sha256', 'old')}`, 'old.html'],
  ])('%s stops it before anything is changed, and is named', async (_what, config, key, name) => {
    const { history, run, store } = await twoReleases(config)
    await store.remove([key])
    const before = await stateOf(store)
    const refused = { code: 'E_ROLLBACK', exitCode: 3, details: expect.arrayContaining([name]) }
    await expect(rollback(history(), run)).rejects.toMatchObject(refused)
    await expect(rollback({ ...history(), dryRun: true }, run)).rejects.toMatchObject(refused)
    expect(await stateOf(store)).toEqual(before)
  })

  it('a hashed name that nobody names now is looked for', async () => {
    const { history, run, store, keys, text } = await twoReleases({})
    const images = (await keys()).filter((key) => key.startsWith('a/x.'))
    const contents = await Promise.all(images.map(text))
    const first = images[contents.indexOf('first x')] ?? ''
    await store.remove([first])
    await expect(rollback(history(), run)).rejects.toMatchObject({ code: 'E_ROLLBACK', details: [first] })
  })

  it('a file at its own path that nobody names now is looked for', async () => {
    const made = createPublished({ files: { 'index.html': 'i', 'data.csv': 'd' }, config: MIRROR })
    all.push(made)
    await made.site.sync()
    made.become({ 'index.html': 'i' })
    await made.site.sync()
    await made.store.remove(['data.csv'])
    const refused = { code: 'E_ROLLBACK', details: ['data.csv'] }
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject(refused)
  })
})

it('more pages would go than may: nothing is changed, and the plan says so too', async () => {
  const { history, run, store } = await twoReleases()
  await rollback(history(), run)
  const before = await stateOf(store)
  const refused = { code: 'E_MAX_DELETE', exitCode: 3, details: ['old.html'] }
  await expect(rollback({ ...history({ maxDelete: 0 }), dryRun: true }, run)).rejects.toMatchObject(refused)
  await expect(rollback(history({ maxDelete: 0 }), run)).rejects.toMatchObject(refused)
  expect(await stateOf(store)).toEqual(before)
  expect(await rollback(history({ maxDelete: 1 }), run)).toMatchObject({ removed: 1 })
})

describe('the order of runs', () => {
  it('is kept: a run that was started before the one that was rolled back does not come through', async () => {
    const { site, history, run, text } = await twoReleases()
    site.write('site/x.png', 'third x')
    await site.sync({ order: 12 })
    await rollback(history({ order: 3 }), run)
    expect(await text('x.png')).toBe(SECOND['x.png'])
    site.write('site/x.png', 'from an older run')
    await expect(site.sync({ order: 11 })).rejects.toMatchObject({ code: 'E_ORDER', exitCode: 8 })
    await expect(site.plan({ order: 11 })).rejects.toMatchObject({ code: 'E_ORDER', exitCode: 8 })
    expect(await text('x.png')).toBe(SECOND['x.png'])
    expect(await site.sync({ order: 13 })).toMatchObject({ published: true })
  })
})
