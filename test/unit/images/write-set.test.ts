import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { writeSet } from '../../../src/images/icons/write-set.ts'

const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) })

it.skipIf(process.platform !== 'linux')('a folder that cannot be made is refused at once', async () => {
  const others = { force: false, sources: [] }
  await expect(writeSet('/proc/lading', [file('a.png', 'a')], others)).rejects.toMatchObject({ code: 'E_WRITE' })
})

it('a name that is taken while the set is written leaves nothing of it, and what was there as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lading-set-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'mine.svg'), 'mine')
  const others = { force: true, sources: [] }
  // the second one of a name finds the first one there
  const files = [file('mine.svg', 'other'), file('a.png', 'a'), file('b.png', 'b'), file('b.png', 'c')]
  await expect(writeSet(folder, files, others)).rejects.toMatchObject({
    code: 'E_WRITE',
    why: 'A file appeared there in the meantime.',
  })
  expect(readdirSync(folder)).toEqual(['mine.svg'])
  expect(readFileSync(join(folder, 'mine.svg'), 'utf8')).toBe('mine')
})
