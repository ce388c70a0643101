import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, createBench, PREFIX, type Saved } from './bench.ts'
import { startSync } from './command.ts'
import { type Deployer, hireCrew } from './deployer.ts'

/** Files as they are sent: as they lie there, with rewritten addresses, and as a page. */
const FILES = ['img/3/photo-7.png', 'css/site.css', 'about/index.html']

const CHANGES: readonly (readonly [string, (file: string) => void])[] = [
  ['is cut short', (file) => truncateSync(file, 3)],
  ['grows', (file) => writeFileSync(file, ' and more', { flag: 'a' })],
  ['is gone', (file) => rmSync(file)],
  ['may no longer be read', (file) => chmodSync(file, 0)],
  [
    'is a link now, to the same bytes',
    (file) => {
      renameSync(file, `${file}.moved`)
      symlinkSync(`${file}.moved`, file)
    },
  ],
  [
    'is a pipe now',
    (file) => {
      rmSync(file)
      execFileSync('mkfifo', [file]) // which Node cannot make
    },
  ],
]

const CASES = FILES.flatMap((file) => CHANGES.map(([change, apply]) => ({ file, change, apply })))

/** Nobody: the superuser may read everything, and would be told of nothing. */
const AS_NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

describe(`${CASES.length} changes of a file between its hash and its sending`, () => {
  let bench: Bench
  let start: Saved
  beforeAll(async () => {
    bench = await createBench('host')
    chmodSync(bench.dir, 0o777)
    await bench.deploy('one')
    start = bench.save()
  })
  afterAll(() => bench.close())

  it.each(CASES)('$file $change', async ({ file, apply }) => {
    bench.load(start)
    rmSync(join(bench.dir, 'cache'), { recursive: true })
    // everything is known of the files by then, and nothing was sent
    const hold = bench.s3.holdAt(({ op, key }) => op === 'PutObject' && key === `${PREFIX}.lading/deploys/2.json`)
    const tree = join(bench.dir, 'changing')
    rmSync(tree, { recursive: true, force: true })
    cpSync(join(bench.dir, 'two'), tree, { recursive: true })
    writeFileSync(join(tree, 'css/site.css'), 'body{background:url(../img/3/photo-7.png)} /* changing */')
    writeFileSync(join(tree, 'img/3/photo-7.png'), '\x89PNG\r\n\x1a\n changing')
    const live = bench.pages()
    const mark = bench.s3.mark()
    const running = startSync({ ...bench.jobOf('two'), config: { ...bench.configOf('two'), root: tree }, ...AS_NOBODY })
    await Promise.race([hold.reached, running.ended])
    apply(join(tree, file))
    hold.release()
    const { code, last } = await running.ended
    expect(['E_SOURCE_CHANGED', 'E_UNREADABLE'], JSON.stringify(last)).toContain(last.code)
    expect(code).toBe(6)
    expect(bench.s3.since(mark).map(({ key }) => key)).not.toContain(`${PREFIX}.lading/pointer.json`)
    expect(bench.broken(live)).toEqual([])
    expectHonest(bench)
  })
})

/** In milliseconds: some runs meet a file at rest. */
const LONGEST_REST = 120
const RACES = 100
const FILE_BYTES = 3 * 2 ** 20

/** Writes one letter over the whole file, then another one, again and again. */
const WRITER = `
const { openSync, writeSync } = require('node:fs')
const file = openSync(process.argv[1], 'r+')
const rewrite = (letter) => {
  for (let at = 0; at < ${FILE_BYTES}; at += 65536) writeSync(file, Buffer.alloc(65536, letter), 0, 65536, at)
  setTimeout(rewrite, Math.random() * ${LONGEST_REST}, letter === 'z' ? 'a' : String.fromCharCode(letter.charCodeAt(0) + 1))
}
rewrite('a')`

describe(`${RACES} races with a process that writes the file`, () => {
  let bench: Bench
  let start: Saved
  let deployer: Deployer
  let writer: ReturnType<typeof spawn>
  beforeAll(async () => {
    bench = await createBench('host')
    start = bench.save()
    deployer = await hireCrew(0).take()
    mkdirSync(join(bench.dir, 'written'))
    writeFileSync(join(bench.dir, 'written/index.html'), '<!doctype html><img src="big.png">')
    writeFileSync(join(bench.dir, 'written/big.png'), Buffer.alloc(FILE_BYTES, 'a'))
    writer = spawn(process.execPath, ['-e', WRITER, join(bench.dir, 'written/big.png')], { stdio: 'inherit' })
  })
  afterEach(() => bench.load(start))
  afterAll(async () => {
    writer.kill('SIGKILL')
    await deployer.end()
    await bench.close()
  })

  it.each(Array.from({ length: RACES }, (_, race) => race))('race %d', async () => {
    const job = { ...bench.jobOf('one'), config: { ...bench.configOf('one'), root: 'written' } }
    const { summary, error } = await deployer.run(job)
    if (summary === undefined) expect(error).toMatchObject({ code: 'E_SOURCE_CHANGED', exit: 6 })
    expectHonest(bench)
    const hasPointer = bench.s3.objects().has(`${PREFIX}.lading/pointer.json`)
    expect(hasPointer).toBe(summary !== undefined)
  })
})

/** Every object holds what it was announced with: the bytes that were hashed, and no mixture. */
function expectHonest({ s3 }: Bench): void {
  for (const [key, { bytes, headers }] of s3.objects()) {
    expect(createHash('sha256').update(bytes).digest('hex'), key).toBe(headers['x-amz-meta-lading-sha256'])
  }
}
