import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { folderState } from '../../../src/build/folder-state.ts'

it('the state of a folder tells in which folder of it each file lies, also where no file was touched', () => {
  const root = mkdtempSync(join(tmpdir(), 'lading-folder-state-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const at = (...path: readonly string[]): string => join(root, 'public', ...path)
  // By some of the names the system lists the folder before the file, by others behind it.
  for (const name of Array.from({ length: 20 }, (_, index) => `v${index}`)) {
    mkdirSync(at('img', name), { recursive: true })
    writeFileSync(at('img/z.png'), 'z')
    const before = folderState(at())
    // The file keeps its stamps, for it is its folder that gets another name and place.
    renameSync(at('img'), join(root, 'aside'))
    rmdirSync(join(root, 'aside', name))
    mkdirSync(at('img'))
    renameSync(join(root, 'aside'), at('img', name))
    expect(folderState(at())?.digest, name).not.toBe(before?.digest)
    rmSync(at(), { recursive: true })
  }
})
