import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { withPrefix } from '../../src/store/wrappers/with-prefix.ts'
import { createFaultyStore } from '../rig/faulty-store.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = { 'index.html': 'front', 'about.html': 'about', 'robots.txt': 'User-agent: *' }

/** A bucket that somebody filled by other means, and a site that comes to it. */
async function arriving(objects: Readonly<Record<string, string>>, config: LadingConfig = MIRROR): Promise<Published> {
  const { store, edit } = createFaultyStore(createMemoryStore())
  for (const [key, text] of Object.entries(objects)) await edit(key, text)
  const made = createPublished({ files: FILES, config, store })
  all.push(made)
  return made
}

const planned = ({ site }: Published): Record<string, string> =>
  Object.fromEntries(site.events.flatMap((event) => (event.type === 'file' ? [[event.key, event.op]] : [])))

describe('the first deploy to a bucket that is not empty', () => {
  it('takes over what has the very bytes, adds the rest, and leaves what is none of the site’s', async () => {
    const made = await arriving({ 'about.html': 'about', 'robots.txt': 'User-agent: *', 'theirs/notes.txt': 'notes' })
    const before = await stateOf(made.store)
    expect(await made.site.plan()).toMatchObject({ adopted: 2, added: 1, bytes: 'front'.length })
    expect(planned(made)).toEqual({ 'about.html': 'adopt', 'index.html': 'add', 'robots.txt': 'adopt' })
    expect(await stateOf(made.store)).toEqual(before)

    expect(await made.site.sync()).toMatchObject({ adopted: 2, added: 1, bytes: 'front'.length })
    const after = await stateOf(made.store)
    expect(after['theirs/notes.txt']).toBe(before['theirs/notes.txt'])
    expect((await made.store.head('about.html'))?.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8' })
    expect(await made.site.sync()).toMatchObject({ published: false, kept: 3 })
  })

  it('names everything that is in its way, and writes nothing', async () => {
    const made = await arriving({ 'index.html': 'theirs', 'about.html': 'abouT', 'robots.txt': 'User-agent: *' })
    const before = await stateOf(made.store)
    const refused = { code: 'E_FOREIGN', exitCode: 3, details: ['about.html', 'index.html'] }
    await expect(made.site.plan()).rejects.toMatchObject(refused)
    await expect(made.site.sync()).rejects.toMatchObject(refused)
    expect(await stateOf(made.store)).toEqual(before)
  })

  it('writes nothing into the folder of another site, whether its files are there or not', async () => {
    const bucket = createMemoryStore()
    const blog = createPublished({ files: FILES, config: MIRROR, store: withPrefix(bucket, 'blog/') })
    const files = { 'index.html': 'front', 'blog/index.html': 'the blog as it was', 'blog/new.html': 'new' }
    const made = createPublished({ files, config: MIRROR, store: bucket })
    all.push(blog, made)
    await blog.site.sync()
    const before = await stateOf(bucket)
    const details = ['blog/index.html', 'blog/new.html']
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_FOREIGN', exitCode: 3, details })
    expect(await stateOf(bucket)).toEqual(before)
    await made.site.sync({ exclude: ['blog/**'] })
    expect(await stateOf(bucket)).toMatchObject(before)
  })

  it('does not look at what lies elsewhere when it offloads', async () => {
    const made = await arriving({ 'index.html': 'theirs', 'a/theirs.png': 'theirs' }, {})
    const before = await stateOf(made.store)
    expect(await made.site.sync()).toMatchObject({ published: true })
    expect(await stateOf(made.store)).toMatchObject(before)
  })
})

describe('what was foreign before the first deploy stays foreign', () => {
  it('also when the site gets a file of its name', async () => {
    const made = await arriving({ 'late.txt': 'theirs' })
    await made.site.sync()
    made.become({ ...FILES, 'late.txt': 'ours' })
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_FOREIGN', exitCode: 3 })
    expect(await made.text('late.txt')).toBe('theirs')
  })

  it('and what was taken over goes as what was put: its page is removed, its file expires', async () => {
    const made = await arriving({ 'about.html': 'about', 'robots.txt': 'User-agent: *', 'theirs.html': 'theirs' })
    await made.site.sync()
    made.become({ 'index.html': 'front' })
    expect(await made.site.sync()).toMatchObject({ removed: 1, expired: 1 })
    expect(await made.keys()).toEqual(['index.html', 'robots.txt', 'theirs.html'])
  })
})
