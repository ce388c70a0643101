import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileFacts } from '../../../src/site/file.ts'
import { madeBody, readFacts } from '../../../src/site/read.ts'
import { scan } from '../../../src/site/scan/scan.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-read-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function factsOf(content: string | Uint8Array): FileFacts[] {
  writeFileSync(join(root, 'index.html'), content)
  return scan({ root, include: [], exclude: [], strict: false, allowControl: false }).files.map((file) =>
    readFacts(file),
  )
}

const LONG = 'x'.repeat(1_500_000)

describe('whether a file may be labelled UTF-8', () => {
  it.each([
    ['ASCII', 'hello', true],
    ['UTF-8', 'h\u00e9llo', true],
    ['ISO-2022-JP', '\x1b$B$3$s\x1b(B', false],
    ['UTF-8 with an escape character', '\x1b[1m\u00e9', true],
    ['a large file of ASCII', LONG, true],
    ['a large file of ISO-2022-JP', `${LONG}\x1b$B$3$s\x1b(B`, false],
    ['a large file of UTF-8 with an escape character', `\x1b[1m${LONG}\u00e9`, true],
    ['a large page of another charset', `<meta charset=euc-jp>${LONG}`, false],
    ['a large page of UTF-8 that says otherwise', `<meta charset=euc-jp>${LONG}\u00e9`, true],
    ['a page with a name of UTF-8', '<meta charset="unicode-1-1-utf-8">', true],
    ['a page that speaks of a charset beyond where browsers look', `${' '.repeat(1024)}<meta charset=euc-jp>`, true],
  ])('%s', (_what, content, expected) => {
    expect(factsOf(content)).toMatchObject([{ utf8: expected, sha256: hash('sha256', content) }])
  })
})

describe('a body that is made', () => {
  const bytes = Buffer.from('0123456789')

  function counted(make: () => Uint8Array = () => bytes) {
    let times = 0
    const counting = (): Uint8Array => {
      times++
      return make()
    }
    return { body: madeBody('a.html', bytes.length, hash('sha256', bytes), counting), times: () => times }
  }

  it('is made once for all its pieces, and again for the next time', async () => {
    const { body, times } = counted()
    const pieces = [await body.read(0, 4), await body.read(4, 8), await body.read(8, 10)]
    expect(Buffer.concat(pieces)).toEqual(bytes)
    expect(times()).toBe(1)
    await body.read(0, 4)
    expect(times()).toBe(2)
  })

  it('is refused when it does not come out as planned, also the second time', async () => {
    let text = '0123456789'
    const { body } = counted(() => Buffer.from(text))
    await body.read(0, 10)
    text = '012345678X'
    await expect(body.read(0, 4)).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED', subject: 'a.html' })
  })
})
