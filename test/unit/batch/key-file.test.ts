import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVerifier } from '../../../src/batch/plan/signing.ts'
import { batchKeyFile, loadKeys, trustedKeys } from '../../../src/batch/verbs/key-file.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lading-key-'))
})
afterEach(() => rm(home, { recursive: true }))

describe('the key that signs jobs', () => {
  it('is made at the first use, for this user alone, and stays the same', async () => {
    const file = batchKeyFile({ HOME: home })
    const { signer, publicKey } = await loadKeys(file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const again = await loadKeys(file)
    expect(again).toMatchObject({ publicKey, signer: { keyId: signer.keyId } })
    expect(createVerifier([publicKey])(again.signer.sign({ v: 1 }))).toMatchObject({ status: 'signed' })
    expect(await trustedKeys({ HOME: home })).toEqual([publicKey])
  })

  it('is the same one for all that make it at once', async () => {
    const file = join(home, 'deep', 'batch.key')
    const made = await Promise.all(Array.from({ length: 8 }, () => loadKeys(file)))
    expect(new Set(made.map(({ publicKey }) => publicKey)).size).toBe(1)
  })

  it('is refused when others may read it, and told where it is', async () => {
    const file = batchKeyFile({ LADING_BATCH_KEY: join(home, 'k') })
    await loadKeys(file)
    await chmod(file, 0o644)
    await expect(loadKeys(file)).rejects.toMatchObject({
      code: 'E_CONFIG',
      subject: file,
      hint: expect.stringContaining('chmod 600'),
    })
  })

  it('is not made anew over something that is no key', async () => {
    const file = join(home, 'k')
    await writeFile(file, 'my diary', { mode: 0o600 })
    await expect(loadKeys(file)).rejects.toMatchObject({ code: 'E_CONFIG' })
    expect(await readFile(file, 'utf8')).toBe('my diary')
  })

  it('that cannot be kept where it belongs says where else it may be', async () => {
    const place = join(home, 'file')
    await writeFile(place, '')
    for (const file of [join(place, 'batch.key'), join(place, 'deep', 'batch.key')]) {
      await expect(loadKeys(file)).rejects.toMatchObject({
        code: 'E_CONFIG',
        subject: file,
        hint: 'Name a file in LADING_BATCH_KEY that can be written.',
      })
    }
  })

  it('that cannot be read is told with its place', async () => {
    await mkdir(join(home, 'k'), { mode: 0o700 })
    const code = { code: 'E_CONFIG', message: 'the key that signs jobs cannot be read', subject: join(home, 'k') }
    await expect(loadKeys(join(home, 'k'))).rejects.toMatchObject(code)
  })

  it('needs a place', () => {
    expect(() => batchKeyFile({})).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
    expect(batchKeyFile({ XDG_CONFIG_HOME: '/x', HOME: '/y' })).toBe(join('/x', 'lading', 'batch.key'))
  })

  it('need not be on a machine that only works: the launch template says whom to trust', async () => {
    expect(await trustedKeys({ LADING_BATCH_PUBLIC_KEYS: 'AAA  BBB' })).toEqual(['AAA', 'BBB'])
  })
})
