import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fleet } from '../../src/batch/fleet.ts'

/** A fleet under test, and the world's side of it. */
export interface FleetBench {
  readonly fleet: Fleet
  /** Another object for the same fleet, as another process has. */
  readonly other: Fleet
  /** What is wished for comes into service. */
  settle(): Promise<void>
  instances(): Promise<readonly string[]>
  /** An instance dies without being asked. */
  kill(instance: string): Promise<void>
  close(): Promise<void>
}

/** The promises of the port, for every adapter; `max` of the bench is 3. */
export function fleetContract(name: string, open: () => Promise<FleetBench>): void {
  describe(`${name}, as a fleet`, () => {
    let bench: FleetBench

    beforeEach(async () => {
      bench = await open()
    })
    afterEach(() => bench.close())

    const grown = async (to: number): Promise<readonly string[]> => {
      await bench.fleet.grow(to)
      await bench.settle()
      return bench.instances()
    }

    it('has nobody at first', async () => {
      expect(await bench.fleet.count()).toEqual({ desired: 0, inService: 0, max: 3, instances: [] })
    })

    it('grows to what is wished', async () => {
      expect(await bench.fleet.grow(2)).toMatchObject({ desired: 2 })
      await bench.settle()
      const instances = await bench.instances()
      expect(await bench.fleet.count()).toEqual({ desired: 2, inService: 2, max: 3, instances })
      expect(await bench.other.count()).toEqual({ desired: 2, inService: 2, max: 3, instances })
    })

    it('takes nobody away when less is wished', async () => {
      const before = await grown(2)
      expect(await bench.fleet.grow(1)).toMatchObject({ desired: 2 })
      expect(await bench.fleet.grow(0)).toMatchObject({ desired: 2 })
      await bench.settle()
      expect(await bench.instances()).toEqual(before)
    })

    it('never passes its cap, whoever asks and however many at once', async () => {
      await Promise.all([bench.fleet.grow(99), bench.other.grow(3), bench.fleet.grow(2), bench.other.grow(50)])
      await bench.settle()
      await bench.fleet.grow(4)
      await bench.settle()
      expect(await bench.instances()).toHaveLength(3)
      expect(await bench.other.count()).toMatchObject({ desired: 3, inService: 3, max: 3 })
    })

    it('retires one instance and wishes for no other in its place', async () => {
      const [first = '', second] = await grown(2)
      await bench.fleet.retire(first)
      await bench.settle()
      expect(await bench.instances()).toEqual([second])
      expect(await bench.fleet.count()).toMatchObject({ desired: 1, inService: 1 })
    })

    it('retires one that is not there without ado', async () => {
      const [first = ''] = await grown(1)
      await bench.fleet.retire(first)
      await bench.other.retire(first)
      await bench.fleet.retire('i-00000000000000abc')
      await bench.settle()
      expect(await bench.fleet.count()).toMatchObject({ desired: 0, inService: 0 })
    })

    it('counts a dead instance no longer, and growing makes up for it', async () => {
      const [first = ''] = await grown(2)
      await bench.kill(first)
      expect(await bench.fleet.count()).toMatchObject({ inService: 1 })
      expect(await grown(2)).toHaveLength(2)
      expect(await bench.instances()).not.toContain(first)
    })
  })
}
