import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/images/plan/judge.ts'
import { planWidths, sizeAt } from '../../../src/images/plan/plan.ts'

const made = (op: string, ...sizes: readonly (readonly [width: number, bytes: number])[]) =>
  sizes.map(([width, bytes]) => ({ op, width, bytes }))

describe('a variant stays when it is worth a request', () => {
  it('each width saves the share over the next larger one that stays', () => {
    const all = made('a', [100, 80], [200, 90], [300, 100], [400, 200])
    const { kept, dropped } = judge(all, { sourceBytes: 1000, minSaving: 0.15 })
    expect(kept.map(({ width }) => width)).toEqual([100, 300, 400])
    expect(dropped).toEqual([{ op: 'a', width: 200, reason: 'saves-little' }])
  })

  it('nothing has as many bytes as the original', () => {
    const { kept, dropped } = judge(made('a', [100, 50], [200, 100]), { sourceBytes: 100, minSaving: 0.15 })
    expect(kept.map(({ width }) => width)).toEqual([100])
    expect(dropped).toEqual([{ op: 'a', width: 200, reason: 'larger-than-original' }])
  })

  it('a better format has fewer bytes than the fallback of its width', () => {
    const all = [...made('a', [100, 50], [200, 100]), ...made('b', [100, 60], [200, 100])]
    const { kept, dropped } = judge(all, { sourceBytes: 1000, minSaving: 0.15 })
    expect(kept).toEqual([...made('a', [100, 50]), ...made('b', [100, 60], [200, 100])])
    expect(dropped).toEqual([{ op: 'a', width: 200, reason: 'larger-than-fallback' }])
  })
})

describe('nothing is enlarged', () => {
  const operation = { op: 'a', widths: [320, 640, 960, 1280] }
  it.each([
    [2000, [320, 640, 960, 1280], []],
    [700, [320, 640, 700], [1280]],
    [640, [320, 640], [960, 1280]],
    [1, [1], [640, 960, 1280]],
  ])('a source %d wide gets %j', (source, widths, dropped) => {
    const planned = planWidths(operation, source)
    expect(planned.widths).toEqual(widths)
    expect(planned.dropped).toEqual(dropped.map((width) => ({ op: 'a', width, reason: 'larger-than-source' })))
  })

  it('no side falls below one pixel', () => {
    expect(sizeAt({ width: 30_000, height: 1 }, 320)).toEqual({ width: 320, height: 1 })
    expect(sizeAt({ width: 2725, height: 2225 }, 320)).toEqual({ width: 320, height: 261 })
  })
})
