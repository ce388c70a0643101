import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig, resolveStore, sync, verify } from '../../src/index.ts'
import { openCdn } from '../rig/open-cdn.ts'
import type { Fault, FaultName } from '../rig/s3-faults.ts'
import type { S3Call } from '../rig/s3-protocol.ts'
import { type Bench, createBench, PREFIX, type Saved } from './bench.ts'
import { type Deployer, hireCrew } from './deployer.ts'
import { writeFilm } from './film.ts'

/**
 * What comes back is not what it should be, once or every time. A run that says that it is done has to be right about
 * it: byte for byte, header for header. One that does not has to say why, and what it leaves must not fool the next.
 */
const WRITES = ['PutObject', 'UploadPart', 'CompleteMultipartUpload'] as const
type Write = (typeof WRITES)[number]

const FAULTS = [
  ['a page of HTML with a 200', ['html200']],
  ['a bit flipped on the way', ['flip-request']],
  ['half of it lost on the way', ['truncate-request']],
  ['the ETag of something else', ['wrong-etag']],
  ['no ETag', ['no-etag']],
  ['no ETag, and afterwards the object of before', ['no-etag', 'stale']],
  ['a random ETag for an upload in parts', ['random-etag']],
  ['an ETag as with keys of a KMS', ['kms-etag']],
] as const satisfies readonly (readonly [string, readonly FaultName[]])[]

const CASES = FAULTS.flatMap(([name, kinds]) => WRITES.map((write) => ({ name, kinds, write })))

/** Of these a store may keep something else than it was sent, and own up to it by the ETag alone. */
const OBJECTS = ['PutObject', 'CompleteMultipartUpload'] as const

/** What an honest failure may be called. */
const CLEAR = ['E_NOT_S3', 'E_INTEGRITY', 'E_STORE', 'E_UPLOAD', 'E_THROTTLED', 'E_UNREACHABLE', 'E_IMMUTABLE_CONFLICT']

describe(`${CASES.length} integrity faults, each once and every time: 0 false successes`, () => {
  let bench: Bench
  let start: Saved
  let twin: ReturnType<typeof contentOf>
  let deployer: Deployer

  beforeAll(async () => {
    bench = await createBench('host')
    writeFilm(join(bench.dir, 'two'))
    await bench.deploy('one')
    start = bench.save()
    await bench.deploy('two')
    twin = contentOf(bench)
    deployer = await hireCrew(0).take()
  })
  afterEach(() => bench.s3.clearFaults())
  afterAll(async () => {
    await deployer.end()
    await bench.close()
  })

  /** @returns what the run came to, in a word */
  async function deploy(retries: number): Promise<string> {
    const live = bench.pages()
    const mark = bench.s3.mark()
    const { config, ...job } = bench.jobOf('two')
    const { summary, error } = await deployer.run({ ...job, config: { ...config, retries } })
    if (summary !== undefined) {
      expect(contentOf(bench)).toEqual(twin)
    } else {
      expect(CLEAR).toContain(error?.code)
      expect(bench.s3.since(mark).map(({ key }) => key)).not.toContain(`${PREFIX}.lading/pointer.json`)
    }
    expect(bench.broken(live)).toEqual([])
    return error?.code ?? 'ok'
  }

  async function goesOn(): Promise<void> {
    bench.s3.clearFaults()
    expect(await deploy(4)).toBe('ok')
    expect(bench.s3.openUploads()).toBe(0)
  }

  it.each(CASES)('$name: $write', async ({ kinds, write }) => {
    for (const times of [1, Number.POSITIVE_INFINITY]) {
      bench.load(start)
      for (const kind of kinds) bench.s3.fault({ at: placeOf(kind, write), times, do: kind })
      await deploy(1)
      await goesOn()
    }
  })

  it.each(OBJECTS)('a store that keeps half of it: %s, refused until somebody has looked at it', async (write) => {
    bench.load(start)
    const broken = new Set<string>()
    bench.s3.fault({ at: placeOf('', write), do: keeping(bench, { change: half, broken }) })
    expect(await deploy(0)).toBe('E_INTEGRITY')
    expect(await deploy(0)).toBe('E_IMMUTABLE_CONFLICT')
    for (const key of broken) bench.s3.tamper(key, () => undefined)
    await goesOn()
  })

  // a run can believe only what was proved on its way; `--download` reads the bytes themselves
  it.each(OBJECTS)('a store that keeps another bit: %s, found and mended by reading', async (write) => {
    bench.load(start)
    const broken = new Set<string>()
    bench.s3.fault({ at: placeOf('', write), do: keeping(bench, { change: flipped, broken }) })
    const { config, ...job } = bench.jobOf('two')
    await deployer.run({ ...job, config: { ...config, retries: 0 } })
    expect(broken.size).toBe(1)

    const options = { ...resolveConfig(config, job), repair: true, download: true }
    expect(await sync(options, { ...job, ask: openCdn })).toMatchObject({ published: true })
    expect(contentOf(bench)).toEqual(twin)
    expect(await verify({ ...resolveStore(config, job), download: true }, job)).toMatchObject({ drift: 0 })
  })
})

/** Objects of the site, and the looks at them. */
function placeOf(kind: string, write: Write): (call: S3Call) => boolean {
  const isLook = kind === 'stale'
  return ({ op, key }) => op === (isLook ? 'HeadObject' : write) && !key.startsWith(`${PREFIX}.lading/`)
}

interface Keeping {
  readonly change: (bytes: Buffer) => Buffer
  /** Keys whose objects are not what was sent. */
  readonly broken: Set<string>
}

/** The server takes it, keeps something else, and tells the ETag of what it keeps. */
function keeping({ s3 }: Bench, { change, broken }: Keeping): Fault['do'] {
  return (answer, { key }) => {
    s3.tamper(key, (object) => {
      if (object === undefined) return undefined
      const bytes = change(Buffer.from(object.bytes))
      return { ...object, bytes, etag: createHash('md5').update(bytes).digest('hex'), checksum: undefined }
    })
    broken.add(key)
    const etag = `"${s3.objects().get(key)?.etag}"`
    const { 'x-amz-checksum-sha256': _, ...headers } = answer.headers ?? {}
    const body = String(answer.body ?? '').replace(/<ChecksumSHA256>.*?<\/ChecksumSHA256>/, '')
    const inXml = body.replace(/<ETag>.*?<\/ETag>/, `<ETag>${etag}</ETag>`)
    return { ...answer, headers: { ...headers, ...(headers.etag !== undefined && { etag }) }, body: inXml }
  }
}

const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.byteLength >> 1)

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
  return changed
}

/** What lies there, without the state: the digest of the bytes themselves, whatever the object says of them. */
function contentOf({ s3 }: Bench): ReadonlyMap<string, readonly [string, Readonly<Record<string, string>>]> {
  return new Map(
    [...s3.objects()]
      .filter(([key]) => !key.startsWith(`${PREFIX}.lading/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { bytes, headers }]) => [key, [createHash('sha256').update(bytes).digest('hex'), headers]]),
  )
}
