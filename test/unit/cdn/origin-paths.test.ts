import { expect, it } from 'vitest'
import { originPaths } from '../../../src/cdn/aliases.ts'
import type { CdnTarget, Target } from '../../../src/config/interface.ts'
import type { Opened } from '../../../src/draft/opened.ts'
import { addressesOf } from '../../../src/history/served.ts'
import { invalidate } from '../../../src/line/invalidate.ts'
import type { LineOptions } from '../../../src/line/line-input.ts'
import { type LiveRelease, NO_POINTER } from '../../../src/plan/pointer.ts'
import { fakeBucket, SITE, worker } from '../policy/edges.ts'

const HREF = 'https://www.example.com/'
const CLOUDFRONT: CdnTarget = {
  ...{ kind: 'cloudfront', distribution: 'E2EXAMPLE', wait: false, budget: 1000 },
  ...{ endpoint: undefined, profile: undefined },
}
const CLOUDFLARE: CdnTarget = { kind: 'cloudflare', zone: 'z', endpoint: undefined }

function bucket(prefix: string): Target {
  return {
    ...{ kind: 's3', bucket: 'b', prefix, endpoint: undefined, region: 'eu-west-1', profile: undefined },
    label: 's3://b/',
  }
}

/** What the CDN is told after a deploy of a site whose pages are in the store. */
async function told(cdn: CdnTarget, target: Target): Promise<readonly string[]> {
  let purged: readonly string[] = []
  const port = {
    label: 'the CDN',
    purge: async (paths: readonly string[]) => {
      purged = paths
      return { ids: [], waited: false, completed: true }
    },
  }
  const delivery = { mode: 'host', url: { kind: 'host', href: HREF } }
  const options = { cdn, target, delivery, base: '/' } as unknown as LineOptions // what a purge looks at
  await invalidate(port as never, ['a b/index.html'], { options, run: { emit: () => undefined } })
  return purged
}

const VISITED = ['/a%20b/index.html', '/a%20b/', '/a%20b']

it.each([CLOUDFRONT, CLOUDFLARE])(
  '$kind is told the path that code at the edge makes, too: it caches by that',
  async (cdn) => {
    expect(await told(cdn, bucket('www/'))).toEqual([...VISITED, '/www/a%20b/index.html'])
  },
)

it('Cloudflare is told what its Worker asks for: it knows no other address', async () => {
  const held = fakeBucket({ '/site/a%20b/index.html': 'page' })
  await (await worker(SITE, held))('/a%20b/')
  const asked = held.asked.map((url) => new URL(url).pathname)
  expect(asked).toHaveLength(1)
  expect(await told(CLOUDFLARE, bucket(SITE.prefix))).toEqual(expect.arrayContaining(asked))
})

it.each([
  ['no prefix', bucket('')],
  ['a folder', { kind: 'folder', path: '/s', label: 's' } satisfies Target],
] as const)('with %s there is no such path', async (_, target) => {
  expect(await told(CLOUDFRONT, target)).toEqual(VISITED)
})

it('a takedown reaches it there as well, whose copy would be kept for a year', () => {
  const live: LiveRelease = { release: 'r1', seq: 1, content: '', url: HREF, mode: 'host' }
  const pointer = { ...NO_POINTER, channels: new Map([['main', live]]) }
  const opened = { live: { pointer, etag: '"e"' } } as unknown as Opened // what is asked of it
  const places = { base: '/', target: bucket('www/') }
  expect(addressesOf(['a/x.abc.png'], opened, places)).toEqual(['/a/x.abc.png', '/www/a/x.abc.png'])
})

it('A plus sign is told encoded, too, among what else browsers leave as it is: so the edge function asks for it', () => {
  expect(originPaths('a (b)+.png', bucket('site/'))).toContain('/site/a%20(b)%2B.png')
  expect(originPaths('a+b.png', bucket('site/'))).toEqual(['/site/a%2Bb.png', '/site/a+b.png'])
})
