import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import type { Json } from '../rig/cloud-formation.ts'
import { S3_ACTIONS } from '../rig/s3-actions.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

interface Asked {
  readonly action: string
  readonly key: string
  readonly prefix: string | undefined
}

const list = (value: Json): readonly Json[] => [value].flat()
const fits = (pattern: string, text: string): boolean =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text

function isAllowed({ action, key, prefix }: Asked, statements: readonly Json[]): boolean {
  const resource = `arn:aws:s3:::site-assets${key === '' ? '' : `/${key}`}`
  return statements.some(({ Action, Resource, Condition }) => {
    if (!list(Action).includes(action) || !list(Resource).some((one) => fits(one, resource))) return false
    const wanted = Condition?.StringLikeIfExists['s3:prefix']
    return wanted === undefined || prefix === undefined || fits(wanted, prefix)
  })
}

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lading-rights-')))
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

/** @param exit what the command ends with */
async function run(line: string, exit = 0): Promise<string> {
  let out = ''
  let err = ''
  const env = {
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: dir,
  }
  const stdout = {
    write: (text: string) => {
      out += text
    },
  }
  const stderr = {
    write: (text: string) => {
      err += text
    },
  }
  const code = await runCli(line.split(' '), { stdout, stderr, env, cwd: dir, run: { env } })
  expect([line, code, code === exit ? '' : out + err]).toEqual([line, exit, ''])
  return exit === 0 ? out : err
}

/** What the commands since that request asked for. */
function askedSince(from: number, mark: number): readonly Asked[] {
  const asked = s3.requests.slice(from).flatMap(({ op, key, prefix }) => {
    // its keys are in its body, and known by what is gone
    if (op === 'DeleteObjects') return []
    return (S3_ACTIONS[op] ?? [op]).map((action) => ({ action, key, prefix }))
  })
  const gone = s3.since(mark).filter(({ op, after }) => op === 'DeleteObjects' && after === undefined)
  return [...asked, ...gone.map(({ key }) => ({ action: 's3:DeleteObject', key, prefix: undefined }))]
}

describe('the policy that policy iam prints', () => {
  it.each([
    ['of a mirrored site', 'www', ''],
    ['of a bucket that holds nothing else', '', ''],
    ['of pages in the store', 'www', '--url https://www.example.com/ --host'],
    ['of pages elsewhere', '_a', '--url https://cdn.example.com/ --out origin'],
    ['of a state elsewhere', 'site', '--state s3://site-assets/private'],
  ])(
    '%s allows all that sync, rollback and doctor ask for, and every right of it is used',
    async (_, prefix, flags) => {
      const at = (address: string): string => `${address}?endpoint=${s3.endpoint}&region=us-east-1`
      const store = `s3://site-assets/${prefix}`
      const more = flags.split(' ').filter((word) => word !== '')
      const state = more.includes('--state') ? ` --state ${at('s3://site-assets/private')}` : ''
      const pages = state === '' ? more : []
      const { Statement } = JSON.parse(await run(['policy iam --to', store, ...more].join(' ')))

      const [from, mark] = [s3.requests.length, s3.mark()]
      const to = `--to ${at(store)}${state}`
      write('site/index.html', '<link rel=stylesheet href=site.css><img src=photo.png>')
      write('site/lost.html', 'lost')
      write('site/site.css', 'body{}')
      write('site/photo.png', 'pixels')
      write('site/large.bin', Buffer.alloc(20_000_000, prefix))
      const sync = ['sync site', to, ...pages].join(' ')
      await run(sync)
      write('site/index.html', '<link rel=stylesheet href=site.css>')
      write('site/site.css', 'body{color:red}')
      write('lading.config.json', '{ "headers": [{ "match": "**/*.png", "cacheControl": "no-store" }] }')
      rmSync(join(dir, 'site/lost.html'))
      await run(sync)
      await run(sync)
      await run(['rollback', to, ...pages.filter((word) => /^(?:--out|origin)$/.test(word))].join(' '))
      await run(`doctor ${to}`)
      rmSync(join(dir, 'lading.config.json'))

      const asked = askedSince(from, mark)
      expect(asked.length).toBeGreaterThan(20)
      expect(asked.filter((one) => !isAllowed(one, Statement))).toEqual([])
      // Uploads that broke off are another story, and a CDN another one still.
      const rare = ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:ListBucketMultipartUploads']
      const unused = Statement.flatMap((one: Json) =>
        list(one.Action)
          .filter((action) => !rare.includes(action))
          .filter(
            (action) => !asked.some((each) => each.action === action && isAllowed(each, [{ ...one, Action: action }])),
          )
          .map((action) => `${one.Sid} ${action}`),
      )
      expect(unused).toEqual([])
    },
  )
})

describe('a bucket that refuses to replace hashed names, as that of stack site --create-only', () => {
  it('takes deploys and rollbacks, and no changed header of a hashed name', async () => {
    const writes = /^(?:PutObject|CopyObject|CompleteMultipartUpload)$/
    s3.fault({
      at: ({ op, key, headers }) =>
        key.startsWith('law/a/') && writes.test(op) && headers['if-none-match'] === undefined,
      do: 'status:403:AccessDenied',
      times: Number.POSITIVE_INFINITY,
    })
    const to = `--to s3://site-assets/law?endpoint=${s3.endpoint}&region=us-east-1`
    const sync = `sync site ${to} --url https://cdn.example.com/ --out law-origin`
    rmSync(join(dir, 'site'), { recursive: true, force: true })
    write('site/index.html', '<link rel=stylesheet href=site.css><img src=photo.png><a href=large.pdf>')
    write('site/site.css', 'body{}')
    write('site/photo.png', 'pixels')
    write('site/large.pdf', Buffer.alloc(20_000_000, 'law'))
    await run(sync)
    write('site/site.css', 'body{color:red}')
    await run(sync)
    await run(`rollback ${to} --out law-origin`)
    expect(s3.faulted).toEqual([])
    write('lading.config.json', '{ "headers": [{ "match": "**/*.png", "cacheControl": "no-store" }] }')
    const said = await run(sync, 4)
    rmSync(join(dir, 'lading.config.json'))
    s3.clearFaults()
    expect(said).toContain('E_ACCESS_DENIED')
  })
})
