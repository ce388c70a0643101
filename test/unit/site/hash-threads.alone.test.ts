import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { SiteFile } from '../../../src/site/file.ts'
import { hashFiles } from '../../../src/site/hash/hash.ts'
import { openHashCache } from '../../../src/site/hash/hash-cache.ts'
import { type Reader, startReader } from '../../../src/site/hash/hash-reader.ts'
import { readFacts } from '../../../src/site/read.ts'
import { scan } from '../../../src/site/scan/scan.ts'
import { deployCredentials } from '../../../src/site/secrets/deploy-credentials.ts'

// One core has no use for a second thread.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 2,
}))

/** As it is built: a thread of Node reads no TypeScript. */
const WORKER = new URL('../../../dist/src/site/hash/hash-worker.js', import.meta.url)
const MIB = 1024 * 1024
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz'
const CREDENTIALS = deployCredentials({ AWS_SECRET_ACCESS_KEY: SECRET })

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-threads-'))
  mkdirSync(join(root, 'small'))
  for (let at = 0; at < 50; at += 1) writeFileSync(join(root, 'small', `${at}.txt`), `small ${at}`)
  for (let at = 0; at < 36; at += 1) writeFileSync(join(root, `${at}.txt`), Buffer.alloc(MIB + at, `large ${at} `))
  writeFileSync(join(root, '3.txt'), Buffer.alloc(MIB, 'h\u00e9llo '))
  writeFileSync(join(root, '5.txt'), `${'x'.repeat(MIB)} key = "${SECRET}"\n`)
  writeFileSync(join(root, '7.mp4'), Buffer.alloc(MIB, 0x9c))
})
afterAll(() => rmSync(root, { recursive: true }))

function filesOf(folder: string): readonly SiteFile[] {
  return scan({ root: folder, include: [], exclude: [], strict: false, allowControl: false }).files
}

/** Of a run that knows nothing from before. */
function noMemory(): ReturnType<typeof openHashCache> {
  return openHashCache(join(root, '../no-such-folder'), root, CREDENTIALS)
}

const expected = (files: readonly SiteFile[]): [string, unknown][] =>
  files.map((file) => [file.path, readFacts(file, CREDENTIALS)])

/** Notes what the thread has read, and whether it was ended. */
function watched(start: () => Reader | undefined): { startReader: () => Reader; read: string[]; closed: () => number } {
  const read: string[] = []
  let closed = 0
  return {
    read,
    closed: () => closed,
    startReader: () => {
      const reader = start()
      if (reader === undefined) throw new Error('no thread was started')
      return {
        async read(files) {
          const found = await reader.read(files)
          for (const [at, file] of files.entries()) if (found?.[at] !== undefined) read.push(file.path)
          return found
        },
        close: () => {
          closed += 1
          reader.close()
        },
      }
    },
  }
}

it('two threads tell of every file what one tells, secrets and charsets too, and each file is read by one', async () => {
  const files = filesOf(root)
  const { read, startReader: start, closed } = watched(() => startReader(CREDENTIALS, WORKER))
  const seen: string[] = []
  const facts = await hashFiles(files, {
    ...{ cache: noMemory(), credentials: CREDENTIALS, startReader: start },
    onFile: ({ path }) => void seen.push(path),
  })
  expect([...facts].sort()).toEqual(expected(files).sort())
  expect(facts.get('5.txt')?.findings).toMatchObject([{ line: 1 }])
  expect(seen.sort()).toEqual(files.map(({ path }) => path).sort())
  expect(read.length).toBeGreaterThan(0)
  expect(read.filter((path) => path.startsWith('small'))).toEqual([])
  expect(closed()).toBe(1)
})

it('a thread that does not start, or dies, leaves its files to the one that asked', async () => {
  const files = filesOf(root)
  const missing = watched(() => startReader(CREDENTIALS, new URL('./no-such-file.js', import.meta.url)))
  const facts = await hashFiles(files, { cache: noMemory(), credentials: CREDENTIALS, ...missing })
  expect([...facts].sort()).toEqual(expected(files).sort())
  expect(missing.read).toEqual([])
})

it('where no thread may be started, one reads all', async () => {
  const files = filesOf(root)
  // Node throws at once here, as where the system or its permissions allow none.
  const refused = (): Reader | undefined => startReader(CREDENTIALS, new URL('https://example.com/'))
  const facts = await hashFiles(files, { cache: noMemory(), credentials: CREDENTIALS, startReader: refused })
  expect([...facts].sort()).toEqual(expected(files).sort())
})

it('a thread that has ended leaves this one time to hear of an abort', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const dead: Reader = { read: async () => undefined, close: () => undefined }
  let seen = 0
  const onFile = (): void => {
    seen += 1
    if (seen === 1) setImmediate(() => stop.abort(reason))
    const until = performance.now() + 2 // each takes a while, as a large one does
    while (performance.now() < until);
  }
  const files = filesOf(root)
  const reading = hashFiles(files, { cache: noMemory(), signal: stop.signal, onFile, startReader: () => dead })
  await expect(reading).rejects.toBe(reason)
  // As many as there is time for in one turn, and not all that the thread has left.
  expect(seen).toBeLessThan(30)
})

it('a file that has changed since it was found stops both', async () => {
  const gone = join(root, '0.txt')
  const files = filesOf(root)
  unlinkSync(gone)
  const { startReader: start, closed } = watched(() => startReader(CREDENTIALS, WORKER))
  const reading = hashFiles(files, { cache: noMemory(), credentials: CREDENTIALS, startReader: start })
  await expect(reading).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED', subject: '0.txt' })
  expect(closed()).toBe(1)
  writeFileSync(gone, Buffer.alloc(MIB, 'large 0 '))
})

it('an abort ends both, also when only the other one has something to do', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const files = filesOf(root)
  let left = files.length
  const read = (given: readonly unknown[]): Promise<never> => {
    left -= given.length
    return new Promise(() => undefined)
  }
  const silent = watched(() => ({ read, close: () => undefined }))
  const onFile = (): void => {
    left -= 1
    if (left === 0) setImmediate(() => stop.abort(reason))
  }
  const reading = hashFiles(files, { cache: noMemory(), signal: stop.signal, onFile, ...silent })
  await expect(reading).rejects.toBe(reason)
  expect(silent.closed()).toBe(1)
})

it('few bytes in large files are not worth a thread', async () => {
  const files = filesOf(root).slice(0, 20)
  const reader = watched(() => startReader(undefined, WORKER))
  await hashFiles(files, { cache: noMemory(), ...reader })
  expect(reader.closed()).toBe(0)
})
