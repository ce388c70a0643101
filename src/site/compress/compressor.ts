import { hash } from 'node:crypto'
import { isWorthPacking, type Packing } from '../../plan/compression.ts'
import type { Body, Digest, SitePath } from '../../words/model.ts'
import { sourceChanged } from '../read.ts'
import { type Packer, unpack, zlibPacker } from './pack.ts'
import { openPackedFiles, type PackedFiles } from './packed-files.ts'

/** A file's bytes on their way to a store. */
export interface Raw {
  readonly path: SitePath
  readonly body: Body
  readonly packing: Packing
}

/** Compresses bodies, each content at most once as long as the cache remembers it. */
export interface Compressor {
  /**
   * The compressed body; `undefined` when that saves too little. Its bytes are not held in memory: they are read from
   * the cache, or made again, when they are sent.
   * @throws E_SOURCE_CHANGED
   */
  pack(raw: Raw): Promise<Body | undefined>
  /** A compressed body that lies in the store already, whatever made it. */
  held(raw: Raw, stored: Pick<Body, 'size' | 'sha256'>): Body
  /** Whether stored bytes are `raw` compressed: known from the cache, or checked by fetching and unpacking them. */
  isPackedFrom(raw: Raw, stored: StoredBytes): Promise<boolean>
  /** Evicts old cache entries at the end of a run. */
  trim(): void
}

export interface StoredBytes {
  readonly sha256: Digest
  /** Asked at most once per content: the answer is remembered. */
  readonly fetch: () => Promise<Uint8Array | undefined>
}

export interface CompressorOptions {
  readonly cacheDir: string
  /** @default zlib in threads */
  readonly packer?: Packer | undefined
  /** Compressed bytes that the site brings along. @default none */
  readonly given?: ((unpacked: Digest, encoding: Packing['encoding']) => Body | undefined) | undefined
  readonly nowMs?: (() => number) | undefined
}

export function createCompressor({
  cacheDir,
  packer = zlibPacker,
  given,
  nowMs = Date.now,
}: CompressorOptions): Compressor {
  let opened: PackedFiles | undefined
  const files = (): PackedFiles => {
    opened ??= openPackedFiles(cacheDir)
    return opened
  }
  const make = async (raw: Raw): Promise<Uint8Array> => packer.pack(await wholeOf(raw), raw.packing)
  const bodyOf = (raw: Raw, { size, sha256 }: Pick<Body, 'size' | 'sha256'>): Body => {
    const bytesOf = async (): Promise<Uint8Array> => files().read(idOf(raw, packer)) ?? make(raw)
    return packedBody(raw.path, { size, sha256, unpacked: raw.body.sha256 }, bytesOf)
  }
  return {
    async pack(raw) {
      const ready = given?.(raw.body.sha256, raw.packing.encoding)
      if (ready !== undefined && isWorthPacking(raw.packing, raw.body.size, ready.size)) return ready
      const id = idOf(raw, packer)
      const known = files().find(id)
      if (known === 'not worth it') return undefined
      if (known !== undefined) return bodyOf(raw, known)
      const bytes = await make(raw)
      const isWorth = isWorthPacking(raw.packing, raw.body.size, bytes.byteLength)
      files().write(id, isWorth ? bytes : 'not worth it')
      return isWorth ? bodyOf(raw, { size: bytes.byteLength, sha256: hash('sha256', bytes) }) : undefined
    },
    held: bodyOf,
    async isPackedFrom({ body, packing }, { sha256, fetch }) {
      if (files().knows(body.sha256, sha256)) return true
      const bytes = await fetch()
      if (bytes === undefined || hash('sha256', bytes) !== sha256) return false
      const before = await unpack(bytes, packing.encoding, body.size)
      if (before === undefined || hash('sha256', before) !== body.sha256) return false
      files().write(`${body.sha256}-stored-${sha256.slice(0, 16)}`, bytes)
      return true
    },
    trim: () => opened?.trim(nowMs()),
  }
}

function idOf({ body, packing: { encoding, level } }: Raw, packer: Packer): string {
  return `${body.sha256}-${encoding}${level}-${packer.versionOf(encoding)}`
}

/** @throws E_SOURCE_CHANGED */
async function wholeOf({ path, body }: Raw): Promise<Uint8Array> {
  const bytes = await body.read(0, body.size)
  if (bytes.byteLength !== body.size || hash('sha256', bytes) !== body.sha256) throw sourceChanged(path)
  return bytes
}

/** Held in memory from the first read to the last. */
function packedBody(
  path: SitePath,
  facts: Required<Pick<Body, 'size' | 'sha256' | 'unpacked'>>,
  make: () => Promise<Uint8Array>,
): Body {
  let made: Uint8Array | undefined
  return {
    ...facts,
    read: async (start, end) => {
      const bytes = made ?? (await make())
      made = end < facts.size ? bytes : undefined
      if (bytes.byteLength !== facts.size) throw sourceChanged(path)
      return bytes.subarray(start, end)
    },
  }
}
