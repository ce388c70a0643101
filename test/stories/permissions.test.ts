import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import { tableRows } from '../rig/markdown-table.ts'
import { S3_ACTIONS } from '../rig/s3-actions.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

/** Rights to parts of uploads have one row together. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  ...S3_ACTIONS,
  ListMultipartUploads: ['parts'],
  ListParts: ['parts'],
  AbortMultipartUpload: ['parts'],
}

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lading-permissions-')))
let s3: StrictS3
beforeAll(async () => {
  s3 = await startStrictS3({ bucket: 'site-assets' })
})
afterAll(async () => {
  await s3.close()
  rmSync(dir, { recursive: true, force: true })
})

const write = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), content)
}

/** Runs a command and adds what it needed to what is known of it. `A`, `B` and `C` stand for three stores. */
async function run(used: Map<string, Set<string>>, name: string, line: string): Promise<void> {
  const argv = line
    .split(' ')
    .map((word) => (/^[ABC]$/.test(word) ? `s3://site-assets/${word}?endpoint=${s3.endpoint}&region=us-east-1` : word))
  let said = ''
  const hear = (text: string): boolean => {
    said += text
    return true
  }
  const screen = { write: hear, isTTY: false, columns: 100 }
  const env = {
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: dir,
  }
  const before = s3.requests.length
  const exit = await runCli(argv, { stdout: screen, stderr: screen, env, cwd: dir, run: { env } })
  expect([line, exit, exit === 0 ? '' : said]).toEqual([line, 0, ''])
  const needs = used.get(name) ?? new Set()
  for (const { op } of s3.requests.slice(before)) for (const action of ACTIONS[op] ?? [op]) needs.add(action)
  used.set(name, needs)
}

/** Of the table: by command, what it needs always (`yes`), and what for one thing only. */
function documented(): Map<string, { readonly always: string[]; readonly sometimes: string[] }> {
  const page = readFileSync(join(import.meta.dirname, '../../SECURITY.md'), 'utf8')
  const [, table = ''] = page.split('## Permissions')
  const [head = [], , ...rows] = tableRows(table)
  const actions = head.map((cell) => cell.replaceAll('`', ''))
  return new Map(
    rows.flatMap(([names = '', ...cells]) => {
      const marked = (isWanted: (cell: string) => boolean): string[] =>
        cells.flatMap((cell, at) => (isWanted(cell) ? [actions[at + 1] ?? ''] : []))
      const needs = {
        always: marked((cell) => cell === 'yes'),
        sometimes: marked((cell) => cell !== '' && cell !== 'yes'),
      }
      return [...names.matchAll(/`([^`]+)`( in [AB])?/g)].map(
        ([, name = '', where = '']) => [name + where, needs] as const,
      )
    }),
  )
}

it('SECURITY.md names the S3 actions that each command uses, and no others', async () => {
  const used = new Map<string, Set<string>>()
  const page = '<link rel=stylesheet href=site.css><img src=photo.png><a href=other.html>'
  write('site/index.html', page)
  write('site/other.html', 'other')
  write('site/lost.html', 'lost')
  write('site/site.css', 'body{}')
  write('site/photo.png', 'pixels')
  write('site/large.bin', Buffer.alloc(20_000_000, 'large'))
  write('photos/one.jpg', 'no image')

  await run(used, 'plan', 'plan site --to A')
  await run(used, 'sync', 'sync site --to A')
  write('site/site.css', 'body{color:red}')
  rmSync(join(dir, 'site/lost.html'))
  rmSync(join(dir, 'site/photo.png'))
  await run(used, 'sync', 'sync site --to A')
  await run(used, 'plan', 'plan site --to A --repair --download')
  await run(used, 'explain', 'explain site.css --root site --to A')
  await run(used, 'releases', 'releases --to A')
  await run(used, 'channel list', 'channel list --to A')
  await run(used, 'copy A B in B', 'copy A B')
  await run(used, 'rollback', 'rollback --to A')
  await run(used, 'verify', 'verify --download --to A')
  await run(used, 'unlock', 'unlock --to A')
  await run(used, 'doctor', 'doctor --to A')
  await run(used, 'prune', 'prune --to A --keep-days 0 --keep-releases 1 --max-delete 100')
  await run(used, 'remove', 'remove other.html --to A')
  await run(used, 'remove --now', 'remove other.html --to A --now')
  const offload = '--url https://cdn.example.com/ --out origin'
  await run(used, 'sync', `sync site --to C ${offload}`)
  await run(used, 'channel end', `sync site --to C ${offload} --channel two`)
  used.delete('channel end')
  await run(used, 'channel end', 'channel end two --to C')
  await run(used, 'policy csp', `policy csp site --to C ${offload}`)
  const queues = '--to C --queues queues'
  await run(used, 'batch submit', `batch submit photos ${queues} --batch one`)
  await run(used, 'batch status', `batch status one ${queues}`)
  await run(used, 'batch control list', `batch control list ${queues}`)
  await run(used, 'batch control cancel', `batch control cancel one --instance i-1 ${queues}`)

  const told = documented()
  for (const [name, needs] of used) {
    const { always, sometimes } = told.get(name) ?? { always: [], sometimes: [] }
    const beyond = [...needs].filter((action) => !always.includes(action) && !sometimes.includes(action))
    expect([name, beyond]).toEqual([name, []])
  }
  // Which of several runs needs all of it is known of these.
  for (const name of ['plan', 'sync', 'copy A B in B', 'rollback', 'prune', 'doctor', 'remove', 'verify']) {
    const { always = [], sometimes = [] } = told.get(name) ?? {}
    const more = [...always, ...sometimes].filter((action) => !used.get(name)?.has(action))
    expect([name, more]).toEqual([name, name === 'rollback' ? ['parts', 's3:DeleteObject'] : []])
  }
}, 120_000)
