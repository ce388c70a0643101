import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readListing } from '../../../src/store/s3/transport/listing.ts'
import { rawServer } from './raw-server.ts'
import { openAt } from './s3-setup.ts'

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'

function page(rows: string, more = ''): string {
  return `${HEAD}<Name>site</Name><Prefix></Prefix><KeyCount>1</KeyCount>${rows}<IsTruncated>false</IsTruncated>${more}</ListBucketResult>`
}

function row(key: string, more = ''): string {
  return `<Contents><Key>${key}</Key><LastModified>2026-11-26T00:00:00.000Z</LastModified><ETag>&quot;ab&quot;</ETag>${more}<Size>12</Size></Contents>`
}

describe('a page of a listing', () => {
  it('gives keys, sizes and ETags in their order, wherever the rest stands', () => {
    const owner = '<Owner><ID>x</ID><DisplayName>Key</DisplayName></Owner><StorageClass>STANDARD</StorageClass>'
    const read = readListing(page(row('a', owner) + row('b'), '<NextContinuationToken>t&amp;u</NextContinuationToken>'))
    expect(read).toEqual({
      Name: 'site',
      IsTruncated: false,
      NextContinuationToken: 't&u',
      EncodingType: undefined,
      Contents: [
        { Key: 'a', ETag: '"ab"', Size: 12 },
        { Key: 'b', ETag: '"ab"', Size: 12 },
      ],
    })
  })

  it('of an empty bucket has no rows', () => {
    expect(readListing(page(''))).toMatchObject({ Name: 'site', Contents: [] })
    expect(readListing(`${HEAD}<Name>site</Name><Prefix/></ListBucketResult>`)).toMatchObject({ Contents: [] })
  })

  it('lacks what a row lacks', () => {
    const read = readListing(page('<Contents><Key>a</Key><Size>-1</Size></Contents>'))
    expect(read?.Contents).toEqual([{ Key: 'a', ETag: undefined, Size: undefined }])
  })

  it.each([
    ['a page of a proxy', '<html><body>Sign in</body></html>'],
    ['nothing', ''],
    ['a page that was cut', page(row('a')).slice(0, -20)],
    ['a page that was cut inside a row', `${HEAD}<Name>site</Name><Contents><Key>a</Key>`],
    ['a row that does not end', page('<Contents><Key>a</Key>')],
    ['an error', '<Error><Code>AccessDenied</Code></Error>'],
  ])('is not read from %s', (_what, xml) => {
    expect(readListing(xml)).toBeUndefined()
  })

  it.each(['True', '1', 'yes', 'false1'])('is not read when it may go on: IsTruncated %s', (said) => {
    expect(readListing(page(row('a')).replace('>false<', `>${said}<`))).toBeUndefined()
  })

  it('gives back keys in sections that are not parsed', () => {
    const xml = page(row('<![CDATA[a&b <c>]]>') + row('x<![CDATA[&amp;]]>y'))
    expect(readListing(xml)?.Contents?.map(({ Key }) => Key)).toEqual(['a&b <c>', 'x&amp;y'])
  })

  it('gives back every key, however it is escaped', () => {
    const escapes: readonly ((char: string) => string)[] = [
      (char) =>
        char.replace(
          /[&<>"']/,
          (found) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[found] ?? '&apos;',
        ),
      (char) => `&#${char.codePointAt(0)};`,
      (char) => `&#x${char.codePointAt(0)?.toString(16).toUpperCase()};`,
    ]
    const piece = fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.nat(2))
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), (pieces) => {
        const key = pieces.map(([char]) => char).join('')
        const xml = pieces.map(([char, way]) => escapes[way]?.(char)).join('')
        expect(readListing(page(row(xml)))?.Contents?.[0]?.Key).toBe(key)
      }),
    )
  })
})

it.each(['fast', 'sdk'] as const)('a listing goes on where only a token says so, by %s', async (way) => {
  const { origin, heard } = await rawServer(({ target }, { socket }) => {
    const isFirst = !target.includes('continuation-token')
    const more = isFirst ? '<NextContinuationToken>t</NextContinuationToken>' : ''
    const xml = page(row(isFirst ? 'a' : 'b'), more).replace('<IsTruncated>false</IsTruncated>', '')
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${xml.length}\r\n\r\n${xml}`)
  })
  const keys: string[] = []
  for await (const rows of openAt(origin.href, way, { bucket: 'site' }).list(''))
    keys.push(...rows.map(({ key }) => key))
  expect(keys).toEqual(['a', 'b'])
  expect(heard).toHaveLength(2)
})
