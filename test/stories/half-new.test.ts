import { afterEach, expect, it } from 'vitest'
import { type LadingConfig, LadingError, prune, remove, type Store, verify } from '../../src/index.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const site = (image: string): Record<string, string> => {
  const page = `<img src="${image}.png">`
  return { 'index.html': page, 'about.html': page, [`${image}.png`]: `pixels of ${image}` }
}

/** A site, one of whose two pages is new already: the run that was at it has failed. `old.txt` is of an earlier release. */
async function halfNew(config: LadingConfig = { host: true }): Promise<Published> {
  let broken: string | undefined
  const around = (inner: Store): Store => ({
    ...inner,
    async put(key, ...rest) {
      if (key === broken) throw new LadingError('E_STORE', 'the store is full')
      return inner.put(key, ...rest)
    },
  })
  const made = createPublished({ files: { ...site('x'), 'old.txt': 'old' }, config, around })
  all.push(made)
  await made.site.sync()
  made.become(site('x'))
  await made.site.sync()
  made.become(site('new'))
  broken = 'index.html'
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  broken = undefined
  return made
}

const warned = ({ said }: Published): unknown[] =>
  said.filter((event) => event.type === 'warning' && event.code === 'W_UNSETTLED')

it('prune lets nothing go while a page that is live is in no release, and says what to do first', async () => {
  const made = await halfNew()
  made.clock.passDays(60)
  const before = await stateOf(made.store)
  for (const dryRun of [true, false, false]) {
    expect(await prune({ ...made.history(), dryRun }, made.run)).toMatchObject({ ok: true, removed: 0, state: 0 })
    expect(warned(made)).toMatchObject([{ items: ['about.html'], fix: 'run `lading sync` first' }])
  }
  const page = await made.text('about.html')
  const [, named = ''] = /(a\/new[^"]+)/.exec(page ?? '') ?? []
  expect(await made.text(named)).toBe('pixels of new')
  const after = await stateOf(made.store)
  const isRecord = (key: string): boolean => /\.lading\/(?:deploys\/|pointer)/.test(key)
  const things = (state: Record<string, string>) => Object.entries(state).filter(([key]) => !isRecord(key))
  expect(things(after)).toEqual(things(before))
})

it('prune goes on once a sync has published, whichever files it had', async () => {
  const made = await halfNew()
  await prune(made.history(), made.run)
  made.become(site('x'))
  expect(await made.site.sync()).toMatchObject({ published: true })
  await prune(made.history(), made.run)
  made.clock.passDays(60)
  await prune(made.history(), made.run)
  expect(warned(made)).toEqual([])
  expect((await made.keys()).filter((key) => key.includes('new'))).toEqual([])
})

it('what a takedown has settled meanwhile is told by verify, and still nothing goes', async () => {
  const made = await halfNew()
  await remove({ ...made.history(), subject: 'old.txt', now: true }, made.run)
  expect(await verify(made.history(), made.run)).toMatchObject({ ok: false, exit: 10, drift: 1 })
  expect(made.said).toContainEqual(
    expect.objectContaining({ type: 'drift', key: 'about.html', detail: expect.stringContaining('not finished') }),
  )
  made.clock.passDays(60)
  expect(await prune(made.history(), made.run)).toMatchObject({ removed: 0, state: 0 })
  await made.site.sync()
  expect(await verify(made.history(), made.run)).toMatchObject({ ok: true, drift: 0 })
})

it.each<[string, LadingConfig, string[]]>([
  ['mirror', MIRROR, ['x.png']],
  ['host', { host: true }, [expect.stringMatching(/^a\/x\./), 'x.png']],
])('%s: a file that was taken down is no such thing: prune does its work', async (_mode, config, gone) => {
  const made = createPublished({ files: site('x'), config: { ...config, keepReleases: 1, keepDays: 0 } })
  all.push(made)
  await made.site.sync()
  made.become(site('new'))
  await made.site.sync()
  await remove({ ...made.history(), subject: 'about.html', now: true }, made.run)
  made.clock.passDays(60)
  await prune(made.history(), made.run)
  expect(made.said.map((event) => (event.type === 'file' ? event.key : event))).toEqual(gone)
})
