import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { charsetOf } from '../../../src/site/text/charset.ts'
import { type LegacyText, legacyText } from '../../../src/site/text/legacy-text.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex')

function read(bytes: Uint8Array, label: string): LegacyText {
  return legacyText(bytes, label) ?? expect.fail(`${label} was not read`)
}

describe('a text that is not UTF-8 is read by its charset', () => {
  it.each<[string, string, string]>([
    ['iso-8859-1', '63 61 66 e9', 'café'],
    ['windows-1252', '80 93 99', '€“™'],
    ['iso-8859-2', 'b1 e6', 'ąć'],
    ['windows-1251', 'ec e8 f0', 'мир'],
    ['koi8-r', 'cd c9 d2', 'мир'],
    ['shift_jis', '95 5c 83 5c b1', '表ソｱ'],
    ['gbk', 'd6 d0 81 5c', '中乗'],
    ['big5', 'a4 a4 a5 5c', '中功'],
    ['euc-jp', 'c9 bd', '表'],
    ['euc-kr', 'c7 d1', '한'],
    ['gb18030', '81 30 89 38 94 39 da 33', 'ß💩'],
    ['utf-8', 'c3 a9', 'é'],
    ['no-such-charset', 'e9', 'é'],
    ['utf-16', 'c3 a9', 'é'],
  ])('%s', (label, bytes, text) => {
    const found = read(hex(bytes), label)
    expect(found.text).toBe(text)
    expect(Buffer.from(found.encode(text))).toEqual(hex(bytes))
  })

  it.each([
    'iso-8859-1',
    'windows-1253',
    'shift_jis',
    'gbk',
    'big5',
    'euc-jp',
    'euc-kr',
    'gb18030',
    'utf-8',
    'macintosh',
  ])('%s: whatever bytes there are come out as they were, broken ones too', (label) => {
    for (let seed = 0; seed < 20; seed += 1) {
      const noise = Array.from({ length: 64 }, (_, at) => hash('sha256', `${seed} ${at}`)).join('')
      const bytes = Buffer.concat([Buffer.from(noise, 'hex'), hex('ff 80 c3'), Buffer.from('<a href="x">')])
      const { text, encode } = read(bytes, label)
      expect(Buffer.from(encode(text))).toEqual(bytes)
      expect(Buffer.from(encode(text.replace('<a href="x">', '')))).toEqual(bytes.subarray(0, -12))
    }
  })

  it('two ways to write one character are kept apart', () => {
    const bytes = hex('81 be 87 9c')
    const { text, encode } = read(bytes, 'shift_jis')
    expect([...text][0]).toBe('∪')
    expect(Buffer.from(encode(text))).toEqual(bytes)
  })

  it('only characters that occur can be written', () => {
    const { canEncode } = read(hex('63 61 66 e9'), 'iso-8859-1')
    expect([canEncode('abc'), canEncode('é'), canEncode('€')]).toEqual([true, true, false])
  })

  it.each(['iso-2022-jp', 'ISO-2022-KR', 'hz-gb-2312', 'utf-7'])(
    '%s is not read: ASCII is not ASCII there',
    (label) => {
      expect(legacyText(Buffer.from('x'), label)).toBeUndefined()
    },
  )
})

describe('the charset of a text', () => {
  it.each<[string, string, string]>([
    ['a.html', '<meta charset="Windows-1251">', 'Windows-1251'],
    ['a.html', '<META http-equiv=Content-Type content="text/html; charset=shift_jis">', 'shift_jis'],
    ['a.html', `${' '.repeat(1024)}<meta charset=koi8-r>`, 'windows-1252'],
    ['a.xhtml', '<?xml version="1.0" encoding="iso-8859-2"?>', 'iso-8859-2'],
    ['a.css', '@charset "iso-8859-15";', 'iso-8859-15'],
    ['a.css', "@charset 'iso-8859-15';", 'windows-1252'],
    ['a.css', ' @charset "iso-8859-15";', 'windows-1252'],
    ['a.js', '// <meta charset=koi8-r>', 'windows-1252'],
    ['a.html', '<p>\x1b$B$3$s\x1b(B', 'iso-2022-jp'],
    ['a.html', '<p>\x1b[31mred', 'windows-1252'],
    ['a.html', '<p>', 'windows-1252'],
  ])('%s with %j', (path, text, charset) => {
    expect(charsetOf(path, Buffer.from(text, 'latin1'))).toBe(charset)
  })
})
