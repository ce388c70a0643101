import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveReport, trafficReport } from '../../../src/index.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { replaceFile } from '../../../src/transfer/replace-file.ts'
import { combined } from '../report/logs.ts'

/** Another process begins to write the same file, between our clearing the place for it and our taking it. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const openSync: typeof fs.openSync = (path, flags, mode) => {
    if (flags === 'wx') fs.writeFileSync(path, 'of the other')
    return fs.openSync(path, flags, mode)
  }
  return { ...fs, openSync }
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-taken-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const TAKEN_OVER = { code: 'E_WRITE', message: expect.stringContaining('Another run writes the same file') }

it('a run that finds its place taken the moment it wants it says so, and leaves the other alone', async () => {
  const body = bytesBody(Buffer.from('mine'))
  await expect(replaceFile(join(folder, 'a.png'), { path: 'a.png', body }, undefined)).rejects.toMatchObject(TAKEN_OVER)
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['of the other'])
})

it('the page of a report says so, too', async () => {
  writeFileSync(join(folder, 'a.log'), combined({}))
  const options = resolveReport({ files: ['a.log'], html: 'report.html' }, { cwd: folder })
  await expect(trafficReport(options)).rejects.toMatchObject({ ...TAKEN_OVER, subject: join(folder, 'report.html') })
})
