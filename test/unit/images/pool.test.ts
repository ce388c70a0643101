import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ImageFacts } from '../../../src/images/wire.ts'
import { photo, poolOf } from '../../rig/images.ts'

const widthOf = (answer: { ok: boolean; value?: unknown }): number => (answer.value as ImageFacts).width // they are looks

/** A child that answers, for a width, how many bytes it was sent. */
function counter(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lading-pool-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'child.mjs')
  const answer = '{ ok: true, value: { width: bytes?.length ?? 0 } }'
  const hear = `process.on('message', ({ bytes }) => process.send({ kind: 'answer', answer: ${answer} }))`
  writeFileSync(file, `${hear}\nprocess.on('disconnect', () => process.exit())\nprocess.send({ kind: 'ready' })\n`)
  return file
}

it('an image is sent once to a child that is asked about it twice', async () => {
  const pool = poolOf({ size: 2, child: counter() })
  onTestFinished(() => pool.close())
  const [one, other] = [new Uint8Array(10), new Uint8Array(20)]
  const sent = async (bytes: Uint8Array): Promise<number> => widthOf(await pool.look({ bytes }))
  expect(await Promise.all([sent(one), sent(other)])).toEqual([10, 20])
  // Each is still where it was: whatever the order, and with something else in between.
  expect(await Promise.all([sent(other), sent(one)])).toEqual([0, 0])
  expect(await Promise.all([sent(other), sent(new Uint8Array(30))])).toEqual([0, 30])
  expect(await sent(one)).toBe(10)
})

it('images that are looked at in any order, and by any child, are never taken for one another', async () => {
  const pool = poolOf({ size: 2 })
  onTestFinished(() => pool.close())
  const widths = [40, 50, 60]
  const images = await Promise.all(widths.map(async (width) => (await photo(width)).jpeg().toBuffer()))
  const all = [...images, ...images.toReversed(), ...images, ...images]
  const seen = await Promise.all(all.map(async (bytes) => widthOf(await pool.look({ bytes }))))
  expect(seen).toEqual([...widths, ...widths.toReversed(), ...widths, ...widths])
})
