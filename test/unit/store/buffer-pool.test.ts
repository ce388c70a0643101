import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bytesOf, piecesOf } from '../../../src/store/body-reader.ts'
import { lend, slice } from '../../../src/store/buffer-pool.ts'
import type { Body } from '../../../src/words/model.ts'

const MIB = 1024 * 1024

describe('memory on loan', () => {
  it('comes to the next borrower once it has been given back, and not before', () => {
    const first = lend(3 * MIB)
    const second = lend(3 * MIB)
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer)
    first.giveBack()
    expect(lend(3 * MIB).bytes.buffer).toBe(first.bytes.buffer)
    expect(lend(3 * MIB).bytes.buffer).not.toBe(first.bytes.buffer)
  })

  it('that is given back twice is lent to one', () => {
    const loan = lend(100_000)
    loan.giveBack()
    loan.giveBack()
    const [one, other] = [lend(100_000), lend(100_000)]
    expect(one.bytes.buffer).toBe(loan.bytes.buffer)
    expect(other.bytes.buffer).not.toBe(one.bytes.buffer)
  })

  it.each([0, 1, 16 * 1024, 16 * 1024 + 1, 5 * MIB])('has room for exactly %i bytes', (size) => {
    expect(lend(size).bytes.byteLength).toBe(size)
  })

  it('is kept up to a bound, however much comes back', () => {
    const loans = Array.from({ length: 40 }, () => lend(4 * MIB))
    for (const loan of loans) loan.giveBack()
    const again = Array.from({ length: 40 }, () => lend(4 * MIB))
    const known = new Set(loans.map(({ bytes }) => bytes.buffer))
    const kept = again.filter(({ bytes }) => known.has(bytes.buffer)).length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThanOrEqual(16)
  })
})

describe('pieces of memory for small bodies', () => {
  it.each([1_000, 10_000, 32_000, 33_000, 200_000])('of %i bytes hold little more than themselves', (size) => {
    const stalled: Buffer[] = []
    for (let index = 0; index < 2_000; index += 1) {
      const piece = slice(size)
      if (index % 200 === 0) stalled.push(piece)
    }
    const held = [...new Set(stalled.map(({ buffer }) => buffer))].map(({ byteLength }) => byteLength)
    expect(Math.max(...held)).toBeLessThanOrEqual(Math.max(size, 128 * 1024))
  })

  it('share what they are cut from, and never the same bytes of it', () => {
    const pieces = Array.from({ length: 100 }, (_, index) => slice(10_000).fill(index))
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(10)
    expect(pieces.every((piece, index) => piece.every((byte) => byte === index))).toBe(true)
  })
})

describe('a body in memory of somebody else', () => {
  const content = Buffer.alloc(2 * MIB + 3, 'the bytes of a body ')
  const filling: Body = {
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    read: async (start, end, into = Buffer.alloc(end - start)) => {
      content.copy(into, 0, start, end)
      return into
    },
  }
  const itsOwn: Body = { ...filling, read: async (start, end) => content.subarray(start, end) }

  it.each([
    ['fills it', filling],
    ['has memory of its own', itsOwn],
  ])('lies there whole, where the body %s', async (_, body) => {
    const into = Buffer.alloc(body.size)
    expect((await bytesOf('k', body, { into })).equals(content)).toBe(true)
    expect(into.equals(content)).toBe(true)
  })

  it('is read piece by piece into the same place', async () => {
    const into = Buffer.alloc(MIB)
    const seen: Buffer[] = []
    for await (const piece of piecesOf('k', filling, { into })) {
      expect(piece.buffer).toBe(into.buffer)
      seen.push(Buffer.from(piece))
    }
    expect(Buffer.concat(seen).equals(content)).toBe(true)
  })

  it.each([content.length, 1000])('of %i bytes that are not the planned ones is refused', async (size) => {
    const body = { ...filling, size, sha256: 'f'.repeat(64) }
    await expect(bytesOf('k', body)).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED' })
  })
})
