import { afterEach, describe, expect, it } from 'vitest'
import {
  channels,
  endChannel,
  type LadingConfig,
  LadingError,
  prune,
  releases,
  rollback,
  type Store,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const site = (...images: readonly string[]): Record<string, string> => ({
  'index.html': images.map((image) => `<img src="${image}.png">`).join(''),
  ...Object.fromEntries(images.map((image) => [`${image}.png`, `pixels of ${image}`])),
})

/** Production and a preview that share a file. */
async function twoChannels(config: LadingConfig = {}): Promise<Published> {
  const made = createPublished({ files: site('shared', 'own'), config })
  all.push(made)
  await made.site.sync({ order: 'nightly:7' })
  made.become(site('shared', 'new'))
  await made.site.sync({ channel: 'preview' })
  return made
}

const end = ({ history, run }: Published, name: string, dryRun = false) =>
  endChannel({ ...history(), name, dryRun }, run)

describe('channels', () => {
  it('with the same content at the same number have each a record of its own, also after a run that was stopped', async () => {
    const memory = createMemoryStore()
    let isDying = false
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (isDying && key.endsWith('pointer.json')) throw new LadingError('E_STORE', 'killed')
        return memory.put(key, ...rest)
      },
    }
    const made = createPublished({ files: site('x'), store })
    all.push(made)
    const { release: previous } = await made.site.sync({ channel: 'prod' })
    await made.site.sync({ channel: 'preview' })
    made.become({ ...site('x'), 'about.html': 'new' })
    isDying = true
    await expect(made.site.sync({ channel: 'preview' })).rejects.toMatchObject({ code: 'E_STORE' })
    isDying = false
    const { release } = await made.site.sync({ channel: 'prod' })
    const elsewhere = made.history({ channel: 'prod', cacheDir: 'of another machine' })
    const known = await releases(elsewhere, made.run)
    expect(known.find(({ id }) => id === release)).toMatchObject({ channel: 'prod', previous, live: true })
    expect(await rollback(elsewhere, made.run)).toMatchObject({ published: true })
  })

  it('are listed by name, each with what is live in it', async () => {
    const { history, run } = await twoChannels()
    expect(await channels(history(), run)).toEqual([
      {
        name: 'preview',
        release: expect.stringMatching(/^r2-/),
        mode: 'offload',
        url: 'https://cdn.example.com/',
        order: undefined,
        endedAt: undefined,
      },
      {
        name: 'production',
        release: expect.stringMatching(/^r1-/),
        mode: 'offload',
        url: 'https://cdn.example.com/',
        order: 'nightly #7',
        endedAt: undefined,
      },
    ])
  })

  it('there are none where nothing was published', async () => {
    const made = createPublished({ files: site() })
    all.push(made)
    expect(await channels(made.history(), made.run)).toEqual([])
  })
})

describe('the end of a channel', () => {
  it('is told to who wants to roll it back', async () => {
    const made = await twoChannels()
    await end(made, 'preview')
    await expect(rollback({ ...made.history(), channel: 'preview' }, made.run)).rejects.toMatchObject({
      code: 'E_ROLLBACK',
      message: 'Channel "preview" was ended on 2026-03-01',
      hint: 'Deploy it from its sources: a sync with --channel preview begins it again.',
    })
  })

  it('lets go of what only it named, which stays until its time is up', async () => {
    const made = await twoChannels()
    const before = await made.keys()
    const ended = await end(made, 'preview')
    expect(ended).toMatchObject({ channel: 'preview', release: expect.stringMatching(/^r2-/) })
    expect(ended.unnamed.map(({ key }) => key)).toEqual([expect.stringMatching(/^a\/new\./)])
    expect(await made.keys()).toEqual(before)

    made.clock.passDays(13)
    expect(await prune(made.history(), made.run)).toMatchObject({ removed: 0 })
    expect(await channels(made.history(), made.run)).toMatchObject([
      { name: 'preview', endedAt: '2026-03-01T12:00:00.000Z' },
      { name: 'production' },
    ])
    made.clock.passDays(1)
    expect(await prune(made.history(), made.run)).toMatchObject({ removed: 1 })
    expect(await made.keys()).toEqual(before.filter((key) => !key.startsWith('a/new.')))
    expect(await channels(made.history(), made.run)).toMatchObject([{ name: 'production' }])
  })

  it('only said, changes nothing', async () => {
    const made = await twoChannels()
    const before = await stateOf(made.store)
    const planned = await end(made, 'preview', true)
    expect(await stateOf(made.store)).toEqual(before)
    expect(planned).toEqual(await end(made, 'preview'))
  })

  it('is none of the others’ matter: they deploy and roll back as before', async () => {
    const made = await twoChannels()
    await end(made, 'preview')
    made.become(site('shared', 'later'))
    expect(await made.site.sync()).toMatchObject({ published: true, added: 1, expired: 1 })
    expect(await rollback(made.history(), made.run)).toMatchObject({ published: true, added: 0 })
  })

  it('can be taken back by a deploy', async () => {
    const made = await twoChannels()
    await end(made, 'preview')
    expect(await made.site.sync({ channel: 'preview' })).toMatchObject({ published: true, added: 0, bytes: 0 })
    expect((await channels(made.history(), made.run)).map(({ endedAt }) => endedAt)).toEqual([undefined, undefined])
    made.clock.passDays(400)
    expect(await prune(made.history(), made.run)).toMatchObject({ removed: 0 })
  })

  it('leaves the files at their own paths to whoever publishes next', async () => {
    const made = createPublished({ files: site('a'), config: MIRROR })
    all.push(made)
    await made.site.sync()
    await expect(made.site.sync({ channel: 'next' })).rejects.toMatchObject({ code: 'E_CHANNEL', exitCode: 3 })
    await end(made, 'production')
    expect(await made.site.sync({ channel: 'next' })).toMatchObject({ published: true, kept: 2, bytes: 0 })
    made.clock.passDays(400)
    expect(await prune(made.history(), made.run)).toMatchObject({ removed: 0 })
  })

  it('leaves no page that goes on answering once another channel has published there', async () => {
    const made = createPublished({ files: { ...site('a'), 'prices.html': 'old prices' }, config: MIRROR })
    all.push(made)
    await made.site.sync()
    await end(made, 'production')
    made.become(site('a'))
    expect(await made.site.sync({ channel: 'next' })).toMatchObject({ published: true, kept: 2, removed: 1 })
    expect(await made.text('prices.html')).toBeUndefined()
  })

  it('needs a channel of that name; one of nearly that name is offered', async () => {
    const made = await twoChannels()
    const before = await stateOf(made.store)
    const hint = 'Did you mean: lading channel end preview'
    await expect(end(made, 'preveiw')).rejects.toMatchObject({ code: 'E_CHANNEL', exitCode: 3, hint })
    const known = 'lading channel list shows those that there are.'
    await expect(end(made, 'nothing like it')).rejects.toMatchObject({ code: 'E_CHANNEL', hint: known })
    await end(made, 'preview')
    await expect(end(made, 'preview')).rejects.toMatchObject({ code: 'E_CHANNEL' })
    expect(Object.keys(await stateOf(made.store)).length).toBeGreaterThan(Object.keys(before).length)
  })
})
