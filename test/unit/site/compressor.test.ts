import { hash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Compressor, createCompressor, type Raw } from '../../../src/site/compress/compressor.ts'
import { type Packer, unpack, zlibPacker } from '../../../src/site/compress/pack.ts'
import { openPackedFiles } from '../../../src/site/compress/packed-files.ts'
import type { Body } from '../../../src/words/model.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-compress-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const TEXT = 'All work and no play makes a dull file. '.repeat(200)
const GZIP = { encoding: 'gzip', level: 9, rule: 'test' } as const
const BR = { encoding: 'br', level: 11, rule: 'test' } as const

function raw(text: string | Uint8Array = TEXT, packing: Raw['packing'] = GZIP): Raw {
  const bytes = Buffer.from(text)
  const body = {
    size: bytes.byteLength,
    sha256: hash('sha256', bytes),
    read: async (a: number, b: number) => bytes.subarray(a, b),
  }
  return { path: 'a.txt', body, packing }
}

interface Counted {
  readonly compressor: Compressor
  readonly packs: () => number
}

function counted(version = '1', nowMs?: () => number): Counted {
  let packs = 0
  const packer: Packer = {
    versionOf: () => version,
    pack: (...input) => {
      packs += 1
      return zlibPacker.pack(...input)
    },
  }
  return { compressor: createCompressor({ cacheDir: dir, packer, nowMs }), packs: () => packs }
}

const bytesOf = async (body: Body | undefined): Promise<Uint8Array> =>
  (await body?.read(0, body.size)) ?? new Uint8Array()
const entries = (): string[] => readdirSync(join(dir, 'compressed'))

describe('compressing', () => {
  it.each([
    [GZIP, gunzipSync],
    [BR, brotliDecompressSync],
  ] as const)(
    '%o: the bytes unpack to the source, and have the size and digest that were told',
    async (packing, unpackSync) => {
      const packed = await counted().compressor.pack(raw(TEXT, packing))
      const bytes = await bytesOf(packed)
      expect(unpackSync(bytes).toString()).toBe(TEXT)
      expect(packed).toMatchObject({
        size: bytes.byteLength,
        sha256: hash('sha256', bytes),
        unpacked: raw().body.sha256,
      })
    },
  )

  it('names no file and no time, so that the same text gives the same bytes', async () => {
    const bytes = Buffer.from(await bytesOf(await counted().compressor.pack(raw())))
    expect(bytes.readUInt32LE(4)).toBe(0)
    expect((bytes[3] ?? 0) & 0x08).toBe(0)
    rmSync(join(dir, 'compressed'), { recursive: true })
    expect(await bytesOf(await counted().compressor.pack(raw()))).toEqual(bytes)
  })

  it('is left out where it saves too little, and that is remembered too', async () => {
    const noise = Buffer.from(Array.from({ length: 64 }, (_, at) => hash('sha256', `${at}`)).join(''), 'hex')
    expect(await counted().compressor.pack(raw(noise))).toBeUndefined()
    const second = counted()
    expect(await second.compressor.pack(raw(noise))).toBeUndefined()
    expect(second.packs()).toBe(0)
  })

  it('gives pieces as a store asks for them', async () => {
    const packed = await counted().compressor.pack(raw())
    const whole = await bytesOf(packed)
    const half = Math.floor(whole.byteLength / 2)
    const pieces = [await packed?.read(0, half), await packed?.read(half, whole.byteLength)]
    expect(Buffer.concat(pieces.map((piece) => piece ?? new Uint8Array()))).toEqual(Buffer.from(whole))
  })

  it('fails for a file that is no longer what was hashed', async () => {
    const { path, body, packing } = raw()
    const changed = { ...body, read: async () => Buffer.alloc(body.size) }
    const work = counted().compressor.pack({ path, body: changed, packing })
    await expect(work).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED', subject: 'a.txt' })
  })
})

describe('the cache', () => {
  it('lets a second run compress nothing, neither to plan nor to send', async () => {
    const first = counted()
    const bytes = await bytesOf(await first.compressor.pack(raw()))
    expect(first.packs()).toBe(1)
    const second = counted()
    expect(await bytesOf(await second.compressor.pack(raw()))).toEqual(Buffer.from(bytes))
    expect(second.packs()).toBe(0)
  })

  it('tells encodings, levels and versions of the compressor apart', async () => {
    await counted().compressor.pack(raw())
    const [other, second] = [counted('2'), counted()]
    await other.compressor.pack(raw())
    await second.compressor.pack(raw(TEXT, BR))
    await second.compressor.pack(raw(TEXT, { ...GZIP, level: 1 }))
    expect([other.packs(), second.packs()]).toEqual([1, 2])
  })

  it.each<[string, (file: string) => void]>([
    ['torn', (file) => truncateSync(file, 10)],
    ['damaged', (file) => writeFileSync(file, readFileSync(file).fill(0))],
    ['gone', (file) => rmSync(file)],
  ])('an entry that is %s is made again when its bytes are needed', async (_how, damage) => {
    const bytes = await bytesOf(await counted().compressor.pack(raw()))
    const packed = await counted().compressor.pack(raw())
    for (const name of entries()) damage(join(dir, 'compressed', name))
    expect(await bytesOf(packed)).toEqual(Buffer.from(bytes))
  })

  it('leaves no temporary file behind', async () => {
    await counted().compressor.pack(raw())
    expect(entries()).toEqual([expect.stringMatching(/-\d+-[0-9a-f]{64}$/)])
  })

  it('costs only time where it cannot be written', async () => {
    writeFileSync(join(dir, 'compressed'), 'a file where the folder should be')
    expect(gunzipSync(await bytesOf(await counted().compressor.pack(raw()))).toString()).toBe(TEXT)
  })

  it('lets go of what no run has used for a month, and of nothing that this run uses', async () => {
    const at = Date.UTC(2026, 0, 1)
    await counted().compressor.pack(raw('old '.repeat(1000)))
    await counted().compressor.pack(raw('used '.repeat(1000)))
    for (const name of entries()) utimesSync(join(dir, 'compressed', name), at / 1000, at / 1000)
    const later = at + 31 * 86_400_000
    const { compressor } = counted('1', () => later)
    await compressor.pack(raw('used '.repeat(1000)))
    await compressor.pack(raw('new '.repeat(1000)))
    compressor.trim()
    const sources = [raw('used '.repeat(1000)), raw('new '.repeat(1000))].map(({ body }) => body.sha256)
    expect(
      entries()
        .map((name) => name.slice(0, 64))
        .sort(),
    ).toEqual(sources.sort())
    const used = entries().find((name) => name.startsWith(raw('used '.repeat(1000)).body.sha256)) ?? ''
    expect(statSync(join(dir, 'compressed', used)).mtimeMs).toBe(later)
  })
})

describe('what is known of compressed bytes that lie elsewhere', () => {
  it('is remembered for exactly their source, each encoding for itself', () => {
    const [source, other] = [hash('sha256', 'source'), hash('sha256', 'other')]
    const [gz, br] = [hash('sha256', 'gz'), hash('sha256', 'br')]
    const first = openPackedFiles(dir)
    first.note(source, { size: 10, sha256: gz })
    first.note(source, { size: 9, sha256: br })
    for (const files of [first, openPackedFiles(dir)]) {
      expect([files.knows(source, gz), files.knows(source, br)]).toEqual([true, true])
      expect([files.knows(other, gz), files.knows(source, other)]).toEqual([false, false])
    }
  })
})

describe('bytes that another compressor made', () => {
  const stored = gzipSync(TEXT, { level: 1 })
  const sha256 = hash('sha256', stored)

  it('are known by what they unpack to, and looked at once', async () => {
    expect(await counted().compressor.isPackedFrom(raw(), { sha256, fetch: async () => stored })).toBe(true)
    const never = async (): Promise<Uint8Array> => expect.fail('asked again')
    expect(await counted().compressor.isPackedFrom(raw(), { sha256, fetch: never })).toBe(true)
  })

  it.each<[string, () => Uint8Array | undefined]>([
    ['that unpack to something else', () => gzipSync('something else')],
    ['that are no compressed bytes', () => Buffer.from('plain')],
    ['that are gone', () => undefined],
  ])('are refused when they are ones %s', async (_what, bytes) => {
    const found = bytes()
    const digest = hash('sha256', found ?? '')
    const { compressor } = counted()
    expect(await compressor.isPackedFrom(raw(), { sha256: digest, fetch: async () => found })).toBe(false)
  })

  it('are not unpacked beyond the size they should have', async () => {
    expect(await unpack(gzipSync(Buffer.alloc(1_000_000)), 'gzip', 1000)).toBeUndefined()
    expect(await unpack(gzipSync(Buffer.alloc(1000)), 'gzip', 1000)).toHaveLength(1000)
  })
})
