import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeCacheFile } from '../../../src/site/cache-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-cache-file-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a file of a cache', () => {
  it('is written with the folders that it lies in', () => {
    const file = join(dir, 'a/b/rows')
    writeCacheFile(file, 'head\n', Uint8Array.of(0, 255), '')
    expect(readFileSync(file)).toEqual(Buffer.from('head\n\0\xff', 'latin1'))
    expect(readdirSync(join(dir, 'a/b'))).toEqual(['rows'])
  })

  it('replaces the one before', () => {
    const file = join(dir, 'rows')
    writeCacheFile(file, 'a longer one')
    writeCacheFile(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
  })

  it('is not what another container writes whose process has the same number', () => {
    const file = join(dir, 'rows')
    writeFileSync(`${file}.${process.pid}`, 'half a fi')
    writeCacheFile(file, 'whole')
    expect(readFileSync(`${file}.${process.pid}`, 'utf8')).toBe('half a fi')
    expect(readFileSync(file, 'utf8')).toBe('whole')
  })

  it('leaves nothing behind when it cannot be written', () => {
    mkdirSync(join(dir, 'rows/other'), { recursive: true })
    expect(() => writeCacheFile(join(dir, 'rows'), 'text')).toThrow(/EISDIR|ENOTEMPTY|EPERM/)
    expect(readdirSync(dir)).toEqual(['rows'])
  })
})
