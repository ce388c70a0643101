/**
 * The whole of it on one machine, in under a minute: a real site is offloaded to a folder that stands for an object
 * store, and served from an origin and a CDN on loopback. Every claim that is printed has been checked; one that
 * does not hold ends the demo with exit code 1.
 *
 *   npm run demo              runs and ends by itself
 *   npm run demo -- --look    leaves origin and CDN up, to be looked at in a browser
 */
import { deepStrictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { styleText } from 'node:util'
import { openStore, serveFolder, serveStore } from 'lading'
import { crawl } from './crawl.mjs'

const MINUTE_MS = 60_000
const COLUMNS = 79
const project = resolve(import.meta.dirname, '..')
const command = join(project, 'dist/src/cli/main.cjs')
const require = createRequire(import.meta.url)
const agency = dirname(require.resolve('startbootstrap-agency/package.json'))
const look = process.argv.includes('--look')

/** The lines of the last table, and what the crawler calls their files. */
const ROWS = [
  ['page', 'page'],
  ['favicon', 'favicon'],
  ['images', 'image'],
  ['style sheet', 'style sheet'],
  ['script', 'script'],
]

const work = mkdtempSync(join(tmpdir(), 'lading-demo-'))
const [site, bucket, out] = ['site', 'bucket', 'origin'].map((name) => join(work, name))
const servers = []

// Any way out leaves nothing behind: no server, no folder.
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(look ? 0 : 1))
const deadline = setTimeout(() => fail(new Error('the demo did not end within a minute')), MINUTE_MS)

try {
  await tell()
} catch (error) {
  fail(error)
}

async function tell() {
  cpSync(join(agency, 'dist'), site, { recursive: true })
  const store = await openStore({ kind: 'folder', path: bucket, label: bucket }, {})
  const cdn = await serve(serveStore(store, {}))
  const before = await serve(serveFolder(site, {}))
  const sync = () => run(['sync', 'site', '--to', 'bucket', '--url', cdn, '--out', 'origin'])

  title('A real site, offloaded')
  say(
    'site/ is startbootstrap-agency as its package ships it. bucket/ stands for an',
    'object store, with a CDN before it; origin/ is what the web server will have.',
  )
  sync()
  const after = await serve(serveFolder(out, {}))

  title('Every page and every reference, fetched through origin and CDN')
  const visits = await visit(before, after, cdn)

  title('Again, with nothing changed')
  const first = await snapshot(store)
  sync()
  deepStrictEqual(await snapshot(store), first)
  say('Nothing was sent: the bucket and the pages are the same, byte for byte.')

  title('Again, with one image changed')
  const image = 'assets/img/header-bg.jpg'
  appendFileSync(join(site, image), 'a photograph, retouched')
  sync()
  checkOneImage(first, await snapshot(store))
  await visit(before, after, cdn)

  title('A first visit, before and after')
  table(visits)
  await end({ before, after, cdn })
}

/** Starts a server that goes when the demo does; its address, ending with `/`. */
async function serve(starting) {
  const server = await starting
  servers.push(server)
  return server.url
}

/** Runs the built command in the work folder and shows it with all that it prints. */
function run(args) {
  console.log(`  $ lading ${args.join(' ')}\n`)
  const env = { ...process.env, CI: '', XDG_CACHE_HOME: join(work, 'cache') }
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: work,
    env,
    encoding: 'utf8',
    timeout: MINUTE_MS / 3,
  })
  for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) console.log(fold(line))
  console.log()
  if (status !== 0) throw new Error(`lading ${args[0]} ended with exit code ${status}`)
}

/** Follows every page of the site on both sides. Throws when one reference does not answer. */
async function visit(before, after, cdn) {
  const pages = readdirSync(site).filter((name) => name.endsWith('.html'))
  const was = []
  const is = []
  for (const page of pages) {
    was.push(...(await crawl(before + page, [before])))
    is.push(...(await crawl(after + page, [after, cdn])))
  }
  deepStrictEqual(is.map(({ kind }) => kind).sort(), was.map(({ kind }) => kind).sort())
  const moved = is.filter(({ url }) => url.startsWith(cdn))
  say(
    `${count(pages.length, 'page')}, ${count(is.length - pages.length, 'reference')}: all answer 200, ${moved.length} of them from the CDN.`,
  )
  return { was, is, cdn }
}

/** What there is, and what would show that it was written again: each file of the bucket by inode and time. */
async function snapshot(store) {
  const keys = []
  for await (const rows of store.list('')) keys.push(...rows.map(({ key }) => key))
  const files = {}
  for (const entry of readdirSync(bucket, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const { ino, mtimeMs } = statSync(path)
    if (entry.isFile()) files[path] = `${ino} ${mtimeMs}`
  }
  const pages = {}
  for (const name of readdirSync(out)) if (name.endsWith('.html')) pages[name] = readFileSync(join(out, name), 'utf8')
  return { keys, files, pages }
}

/** The image, the style sheet that names it, the page that names that: these and no others. */
function checkOneImage(before, after) {
  const added = after.keys.filter((key) => key.startsWith('a/') && !before.keys.includes(key))
  const names = added.map((key) => key.replace(/\.[a-z2-7]{16}\./, '.')).sort()
  deepStrictEqual(names, ['a/assets/img/header-bg.jpg', 'a/css/styles.css'])
  const touched = Object.keys(before.files).filter((path) => after.files[path] !== before.files[path])
  deepStrictEqual(
    touched.filter((path) => !path.includes('/.lading/')),
    [],
  )
  const pages = Object.keys(after.pages).filter((name) => after.pages[name] !== before.pages[name])
  deepStrictEqual(pages, ['index.html'])
  say(
    'Sent: the image, and css/styles.css, which names it. Rewritten: index.html,',
    'which names that. Every other object was left alone.',
  )
}

function table({ was, is, cdn }) {
  const sum = (fetched, kind) => fetched.reduce((bytes, one) => bytes + (kind && one.kind !== kind ? 0 : one.bytes), 0)
  const [stayed, moved] = [is.filter(({ url }) => !url.startsWith(cdn)), is.filter(({ url }) => url.startsWith(cdn))]
  const row = (label, cells) => console.log(`  ${label.padEnd(16)}${cells.map((cell) => cell.padStart(16)).join('')}`)
  row('bytes', ['origin before', 'origin after', 'CDN'])
  for (const [label, kind] of [...ROWS, ['total']]) {
    if (kind === undefined) console.log(`  ${'-'.repeat(64)}`)
    row(
      label,
      [was, stayed, moved].map((fetched) => number(sum(fetched, kind))),
    )
  }
  const share = 1 - sum(stayed) / sum(was)
  console.log(`\n  ${(100 * share).toFixed(1)} % of the bytes of a first visit left the origin for the CDN.`)
}

async function end({ after, cdn }) {
  clearTimeout(deadline)
  if (look) {
    console.log(`\n  origin  ${after}\n  CDN     ${cdn}\n\n  Both stay up until you press Ctrl-C.\n`)
    return
  }
  await Promise.all(servers.map((server) => server.close()))
  console.log()
}

function title(text) {
  console.log(`\n${process.stdout.isTTY ? styleText('bold', text) : text}\n${'='.repeat(text.length)}\n`)
}

function say(...lines) {
  for (const line of lines) console.log(`  ${line}`)
  console.log()
}

/** Two columns in, and broken between words where the terminal ends. */
function fold(line) {
  return `  ${line}`.replace(new RegExp(`(.{1,${COLUMNS}})(?:\\s+|$)`, 'g'), '$1\n    ').trimEnd()
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function number(bytes) {
  return bytes === 0 ? '-' : bytes.toLocaleString('en-US')
}

function fail(error) {
  console.error(`\nThe demo failed: ${error.message}`)
  process.exit(1)
}
