/**
 * Images in bulk on one machine, in under two minutes: some hundred photographs through submit, two workers, one of
 * which is killed on the way, assembly and the contact sheet, on folders, without an account. Every claim that is
 * printed has been checked; one that does not hold ends the demo with exit code 1.
 *
 *   npm run demo:batch                runs, and leaves nothing behind
 *   npm run demo:batch -- --keep DIR  writes into DIR and leaves the store and the contact sheet there
 */
import { deepStrictEqual, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openStore } from 'lading'
import sharp from 'sharp'

const LIMIT_MS = 120_000
/** Crops of each photograph of the package, which has few: each is an image of its own. */
const CROPS = 20
const project = resolve(import.meta.dirname, '..')
const command = join(project, 'dist/src/cli/main.cjs')
const package_ = dirname(createRequire(import.meta.url).resolve('startbootstrap-agency/package.json'))
const kept = process.argv.includes('--keep')
  ? resolve(process.argv[process.argv.indexOf('--keep') + 1] ?? '')
  : undefined
const work = kept ?? mkdtempSync(join(tmpdir(), 'lading-batch-'))
const env = { ...process.env, HOME: join(work, 'home'), XDG_CONFIG_HOME: '' }
const started = performance.now()
const children = new Set()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  if (kept === undefined) rmSync(work, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
const deadline = setTimeout(() => fail(new Error('the demo did not end within two minutes')), LIMIT_MS)

try {
  await tell()
  clearTimeout(deadline)
} catch (error) {
  fail(error)
}

async function tell() {
  const photos = await layPhotos()
  say(`photos/: ${photos} photographs, and two files that are none.`)

  const sent = await run(['batch', 'submit', 'photos', '--to', 'store', '--recipe', 'web', '--json']).ended
  const submitted = record(sent, 'batch')
  const { batch, items, estimate } = submitted
  deepStrictEqual([items, submitted.sent], [photos + 2, photos + 2])
  say(`submit: batch ${batch}, ${items} messages, ${estimate.coreSeconds.toFixed(0)} core-seconds predicted.`)

  const begun = performance.now()
  const workers = [1, 2].map((n) =>
    run(['batch', 'worker', '--to', 'store', '--slots', '2', '--instance', `worker-${n}`, '--idle', '1', '--json']),
  )
  const watch = run(['batch', 'watch', batch, '--to', 'store', '--every', '0.5', '--json'])
  let killedAt
  for await (const status of recordsOf(watch, 'batch-status')) {
    ok(status.done + status.failed <= status.items, 'progress passed 100 %')
    if (killedAt !== undefined || status.done < items / 3) continue
    killedAt = status.done
    workers[1].child.kill('SIGKILL')
    say(`killed: worker-2, with ${killedAt} of ${items} done. What it held comes back when its leases end.`)
  }
  ok(killedAt !== undefined, 'the batch closed before a worker could be killed')
  const watched = await watch.ended
  deepStrictEqual(watched.code, 6, 'two images fail, and the exit code says so')
  const result = record(watched, 'batch-result')
  deepStrictEqual([result.done, result.failed, result.missing, result.partial], [photos, 2, 0, false])
  const seconds = (performance.now() - begun) / 1000
  say(
    `closed: ${result.done} done, ${result.failed} failed, none lost, once, ${seconds.toFixed(0)} s after the workers began.`,
  )

  await check(batch, photos)
  await cost(batch, { estimate, seconds })
  await run(['batch', 'control', 'drain', '--instance', 'worker-1', '--to', 'store', '-q']).ended
  const { reason } = record(await workers[0].ended, 'summary')
  say(`worker-1 was told to drain, and ended: ${reason}.`)
  say(`In ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}

/** Real photographs, cut: no two have the same bytes. */
async function layPhotos() {
  const images = join(package_, 'dist/assets/img')
  const sources = readdirSync(images, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'))
  mkdirSync(join(work, 'photos'), { recursive: true })
  for (const [index, name] of sources.entries()) {
    const { width, height } = await sharp(join(images, name)).metadata()
    for (let crop = 0; crop < CROPS; crop++) {
      const [left, top] = [(crop % 6) * Math.floor(width * 0.05), Math.floor(crop / 6) * Math.floor(height * 0.06)]
      const area = { left, top, width: Math.floor(width * 0.72), height: Math.floor(height * 0.75) }
      await sharp(join(images, name))
        .extract(area)
        .jpeg({ quality: 88 })
        .toFile(join(work, 'photos', `${index}-${crop}.jpg`))
    }
  }
  writeFileSync(join(work, 'photos/not-an-image.png'), 'a letter under a false name')
  const whole = await sharp(join(images, sources[0])).jpeg().toBuffer()
  writeFileSync(join(work, 'photos/torn <b>.jpg'), whole.subarray(0, whole.length >> 1))
  return sources.length * CROPS
}

/** Everything that the image manifest names is in the store, with the bytes that it says. */
async function check(batch, photos) {
  const store = await openStore({ kind: 'folder', path: join(work, 'store'), label: 'store/' }, {})
  const text = async (key) => Buffer.from((await store.get(key)).bytes).toString('utf8')
  const { images, failures } = JSON.parse(await text(`b/${batch}/images.json`))
  deepStrictEqual([Object.keys(images).length, Object.keys(failures).length], [photos, 2])
  let variants = 0
  for (const { src, variants: made } of Object.values(images)) {
    const original = await store.get(src.key)
    deepStrictEqual(createHash('sha256').update(original.bytes).digest('hex'), src.sha256)
    for (const { key, bytes } of made) deepStrictEqual((await store.head(key))?.size, bytes, key)
    variants += made.length
  }
  const sheet = await text(`b/${batch}/index.html`)
  for (const { message } of Object.values(failures)) ok(sheet.includes(message.slice(0, 20)), message)
  ok(sheet.includes('torn &lt;b&gt;.jpg'), 'a name is shown as text')
  writeFileSync(join(work, 'contact-sheet.html'), sheet)
  say(
    `images.json: ${variants} variants of ${photos} photographs, each in the store; ${Object.keys(failures).length} failures with their reasons.`,
  )
  say(
    `contact sheet: ${(sheet.length / 1e6).toFixed(1)} MB, one file${kept ? `: ${join(work, 'contact-sheet.html')}` : ' (--keep DIR keeps it)'}`,
  )
}

/** What it took here, and what the same would cost on spot instances. */
async function cost(batch, { estimate, seconds }) {
  const store = await openStore({ kind: 'folder', path: join(work, 'store'), label: 'store/' }, {})
  const { images } = JSON.parse(Buffer.from((await store.get(`b/${batch}/images.json`)).bytes).toString('utf8'))
  const cores = Object.values(images).reduce((sum, { cpuMs }) => sum + cpuMs / 1000, 0)
  const { total, compute, puts } = estimate.dollars
  say(
    `cost here: nothing; ${cores.toFixed(0)} core-seconds of rendering in ${seconds.toFixed(0)} s (${estimate.coreSeconds.toFixed(0)} were predicted).`,
  )
  say(
    `cost on spot: about $${total.toPrecision(2)} (cores $${compute.toPrecision(2)}, puts $${puts.toPrecision(2)}); a million such images: $${((total / estimate.images) * 1e6).toFixed(0)}.`,
  )
}

/** The command in a process of its own. */
function run(args) {
  const child = spawn(process.execPath, [command, ...args], { cwd: work, env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const made = { child, out: '', ended: undefined }
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text) => {
    made.out += text
  })
  made.ended = new Promise((end) => {
    child.on('close', (code) => {
      children.delete(child)
      end({ code, out: made.out })
    })
  })
  return made
}

/** Whole lines, as far as they have come. */
function parse(out) {
  const whole = out.slice(0, out.lastIndexOf('\n') + 1)
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** The one record of a type; how the command ended is the caller's matter. */
function record({ out, code }, type) {
  const found = parse(out).find((one) => one.type === type)
  ok(found, `no record "${type}" from a command that ended with ${code}:\n${out}`)
  return found
}

/** The records of a type, as they come. */
async function* recordsOf(made, type) {
  let told = 0
  let isOver = false
  const ended = made.ended.then(() => {
    isOver = true
  })
  for (;;) {
    const wasOver = isOver
    const records = parse(made.out)
    for (const found of records.slice(told)) if (found.type === type) yield found
    told = records.length
    if (wasOver) return
    await Promise.race([ended, new Promise((resolve) => made.child.stdout.once('data', () => setImmediate(resolve)))])
  }
}

function say(line) {
  console.log(line)
}

function fail(error) {
  console.error(error)
  process.exit(1)
}
