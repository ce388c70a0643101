import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODES, type ModeName, objectsOf, outOf, PREFIX, type Twin } from './bench.ts'
import { createRandomBench, freshDeploy, type RandomBench } from './random-bench.ts'
import { drawFrom, type RandomTree, randomTree } from './random-trees.ts'

/**
 * Random trees are deployed one after the other; then releases are put back in a random order, each several times
 * over. What is live then is that tree.
 */
const DEPLOYS = 20
const SEED = process.env.LADING_ROLLBACKS_SEED ?? 'a way back'

interface Deployed {
  readonly id: string
  readonly tree: RandomTree
  readonly fresh: Twin
}

describe.each(MODES)(`%s: after ${DEPLOYS} random deploys (seed "${SEED}")`, (mode) => {
  let bench: RandomBench
  const deployed: Deployed[] = []

  beforeAll(async () => {
    bench = await createRandomBench(mode)
    for (let index = 0; index < DEPLOYS; index++) {
      const tree = randomTree(drawFrom(`${SEED} ${mode} ${index}`))
      const { release: id = '' } = await bench.deploy(tree)
      deployed.push({ id, tree, fresh: await freshDeploy(mode, tree) })
    }
  })
  afterAll(() => bench.close())

  const order = Array.from({ length: DEPLOYS }, (_, index) => index).sort(
    (a, b) => place(mode, a) - place(mode, b) || a - b,
  )

  it.each(order)(`release %d of ${DEPLOYS} comes back as its tree, and no page names what is not there`, async (at) => {
    const target = deployed[at]
    if (target === undefined) throw new Error('there is no such deploy')
    await bench.rollback(target.id)
    await expectTree(bench, mode, target)
    expect(bench.s3.violations).toEqual([])
  })

  it('one whose content is gone stops before it changes anything', async () => {
    const [first, last] = [deployed[0], deployed.at(-1)]
    if (first === undefined || last === undefined) throw new Error('nothing was deployed')
    await bench.rollback(last.id)
    const { digest, name } = somethingOnlyIn(first, last)
    bench.s3.tamper(`${PREFIX}.lading/blobs/${digest}`, () => undefined)
    const mark = bench.s3.mark()
    const before = outOf(bench.out)
    const refused = { code: 'E_ROLLBACK', details: expect.arrayContaining([name]) }
    await expect(bench.rollback(first.id)).rejects.toMatchObject(refused)
    expect(bench.s3.since(mark)).toEqual([])
    expect(outOf(bench.out)).toEqual(before)
  })
})

const place = (mode: ModeName, index: number): number => drawFrom(`${SEED} ${mode}`)(`order ${index}`, 1000)

/** What visitors get is what a deploy of the tree alone would have left. */
async function expectTree(bench: RandomBench, mode: ModeName, { fresh }: Deployed): Promise<void> {
  const found = await objectsOf(bench.store)
  for (const [key, { sha256, headers }] of fresh.objects) {
    expect(found.get(key)?.sha256, key).toBe(sha256)
    expect(found.get(key)?.headers, key).toEqual(headers)
  }
  const isPage = (path: string): boolean => path.endsWith('.html')
  if (mode !== 'offload') {
    expect([...found.keys()].filter(isPage).sort()).toEqual([...fresh.objects.keys()].filter(isPage).sort())
  }
  const written = outOf(bench.out)
  const pages = [...fresh.out.keys()].filter(isPage)
  for (const path of pages) expect(written.get(path), path).toBe(fresh.out.get(path))
  expect(bench.broken(mode === 'offload' ? pages : [...fresh.objects.keys()].filter(isPage))).toEqual([])
}

/** A page or file at its own path that only the first release has in these bytes. */
function somethingOnlyIn(first: Deployed, last: Deployed): { digest: string; name: string } {
  const own = [...first.fresh.objects].filter(([key]) => !key.startsWith('a/'))
  for (const [name, { sha256 = '' }] of own) {
    if (last.fresh.objects.get(name)?.sha256 !== sha256) return { digest: sha256, name }
  }
  for (const [name, content] of first.fresh.out) {
    const isOther = name.endsWith('.html') && last.fresh.out.get(name) !== content
    if (isOther) return { digest: hash('sha256', Buffer.from(content, 'latin1')), name }
  }
  throw new Error('the two trees hold the same')
}
