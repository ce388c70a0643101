import { describe, expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

/** Every part of a secret carries this, so that none of its halves can slip through. */
const CANARY = /CANARY|AKIAIOSFODNN7EXAMPLE/

async function lading(argv: readonly string[], env: Record<string, string> = {}): Promise<[number, string]> {
  const screen = createScreen()
  const cwd = folderWith({ 'dist/index.html': 'x' })
  const code = await runCli(argv, { stdout: screen, stderr: screen, env, cwd, run: { env } })
  return [code, screen.text]
}

const ADDRESSES = [
  's3://AKIAIOSFODNN7EXAMPLE:wJalrCANARY/K7MDCANARY/bPxCANARY@bkt/x',
  's3://AKIAIOSFODNN7EXAMPLE:wJalrCANARY/bktCANARY/x',
  's3://u:CANARY/RITCANARY@bkt',
  's3://u:CANARY?RITCANARY@bkt',
  's3://u:CANARY#RITCANARY@bkt',
  's3://u:12CANARY%40bkt/x',
  's3://u:CANARY/x',
  's3:/u:CANARY/x@bkt',
  'k:CANARY/CANARY@bkt',
  's3://bkt?endpoint=k:CANARY@b',
  's3://bkt/x?endpoint=https://AKIAIOSFODNN7EXAMPLE:aCANARY/bCANARY@host',
  's3://bkt/x?endpoint=https://k:aCANARY&bCANARY=cCANARY@host&region=r',
  's3://bkt/x?endpoint=https%3A%2F%2Fk%3ACANARY%2FCANARY%40host',
  's3://bkt/x?endpoint=k:CANARY%2540host',
  's3://bkt/x?secretAccessKey=CANARY&CANARY',
  's3://bkt/x?X-Amz-Signature=CANARY',
  'https://bkt.s3.eu-west-1.amazonaws.com/x?X-Amz-Signature=CANARY&X-Amz-Credential=CANARY/x',
  'https://acct.blob.example/x?sv=1&sig=CANARY',
  'https://acct.example/x?X-Amz%2DSignature=CANARY',
  'https://user:CANARY/CANARY@host/x',
  'gs://user:CANARY/CANARY@host/x',
]

describe('secrets in addresses appear in no output', () => {
  it.each(ADDRESSES)('of --to, --state, plan, config and records: %s', async (address) => {
    for (const argv of [
      ['plan', 'dist', '--to', address],
      ['plan', 'dist', '--to', address, '--json'],
      ['plan', 'dist', '--to', 'store', '--state', address],
      ['releases', '--to', address],
      ['config', '--root', 'dist', '--to', address],
      ['config', '--root', 'dist', '--to', address, '--json'],
    ]) {
      const [code, text] = await lading(argv)
      expect(code, text).toBe(2)
      expect(text).not.toMatch(CANARY)
    }
    const [code, text] = await lading(['config', '--root', 'dist'], { LADING_TO: address })
    expect(code).toBe(2)
    expect(text).not.toMatch(CANARY)
  })

  it.each([
    'https://user:CANARY/CANARY@cdn.example/x',
    'https://CANARY@cdn.example/x',
    '//user:CANARY@cdn.example/x',
    'user:CANARY@cdn.example/x',
    'https://cdn.example/x?sig=CANARY',
    'cdn.example/x?token=CANARY',
    '/_a/?token=CANARY',
  ])('of --url and --site: %s', async (address) => {
    for (const argv of [
      ['plan', 'dist', '--to', 'store', '--host', '--url', address],
      ['plan', 'dist', '--to', 'store', '--site', address],
      ['config', '--root', 'dist', '--to', 'store', '--host', '--url', address],
    ]) {
      const [code, text] = await lading(argv)
      expect(code, text).toBe(2)
      expect(text).not.toMatch(CANARY)
    }
  })

  it('of an unknown flag', async () => {
    const [code, text] = await lading(['plan', '--too=s3://u:CANARY@bkt'])
    expect(code).toBe(2)
    expect(text).toContain("unknown option '--too'")
    expect(text).not.toMatch(CANARY)
  })

  it.each(['user:CANARY@host', 'https://user:pa/CANARY@host', 'ftp://host/?token=CANARY'])(
    'of the endpoint in the environment: %s',
    async (endpoint) => {
      const [code, text] = await lading(['plan', 'dist', '--to', 's3://bkt/x'], { AWS_ENDPOINT_URL_S3: endpoint })
      expect(code, text).toBe(2)
      expect(text).toContain('E_ENDPOINT')
      expect(text).not.toMatch(CANARY)
    },
  )

  it('names the address without them to write', async () => {
    const argv = ['plan', 'dist', '--to', 'store', '--host', '--url', 'https://user:pa/ss@cdn.example/x']
    expect((await lading(argv))[1]).toContain('fix  Write https://cdn.example/x/')
  })
})
