import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolders } from '../../../src/transfer/make-folders.ts'
import { folderWith } from '../config/folder.ts'

describe('a folder that is made', () => {
  it('has those above it, and may be there already', () => {
    const folder = folderWith({})
    mkdirSync(join(folder, 'a'))
    makeFolders(join(folder, 'a/b/c'))
    makeFolders(join(folder, 'a/b/c'))
    makeFolders('/')
    expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true)
  })

  it('takes the place of no file, and is in none', () => {
    const folder = folderWith({})
    writeFileSync(join(folder, 'file'), '')
    expect(() => makeFolders(join(folder, 'file'))).toThrow(/EEXIST/)
    expect(() => makeFolders(join(folder, 'file/below/it'))).toThrow(/ENOTDIR/)
  })

  it.skipIf(process.platform !== 'linux')('is refused at once where none can be made', () => {
    expect(() => makeFolders('/proc/lading')).toThrow(/ENOENT/)
    expect(() => makeFolders('/proc/lading/below/it')).toThrow(/ENOENT/)
  })
})
