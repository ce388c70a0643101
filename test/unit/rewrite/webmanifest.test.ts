import { describe, expect, it } from 'vitest'
import { jsonStrings, rewriteDocument, webManifestReferences } from '../../../src/rewrite/index.ts'

describe('jsonStrings', () => {
  it('gives each string value its path and place, and no property names', () => {
    const text = '{"a":"x","b":[1,"y",{"":"z","c":["é\\n\\"",null]}],"":{"d":"w"},"__proto__":"p"}'
    const strings = jsonStrings(text)
    expect(strings.map(({ path, value }) => [path.join('/'), value])).toEqual([
      ['a', 'x'],
      ['b/1', 'y'],
      ['b/2/', 'z'],
      ['b/2/c/0', 'é\n"'],
      ['/d', 'w'],
      ['__proto__', 'p'],
    ])
    for (const { value, start, end } of strings) expect(JSON.parse(`"${text.slice(start, end)}"`)).toBe(value)
  })

  it('survives depth', () => {
    const depth = 5000
    expect(jsonStrings(`${'['.repeat(depth)}"x"${']'.repeat(depth)}`)).toHaveLength(1)
  })

  it.each(['', '{', '{"a":}', "{'a':'b'}", '["a",]', '// x\n"a"'])('finds nothing in what is not JSON: %s', (text) =>
    expect(jsonStrings(text)).toEqual([]),
  )

  it('reads a text that is one string, and one with a byte order mark', () => {
    expect(jsonStrings('"a"')).toEqual([{ path: [], value: 'a', start: 1, end: 2 }])
    expect(jsonStrings('\uFEFF"a"')).toEqual([{ path: [], value: 'a', start: 2, end: 3 }])
  })
})

describe('webManifestReferences', () => {
  const manifest = `{
  "name": "icons", "id": "/icon.png", "start_url": "/?a=icon.png", "scope": "/",
  "icons": [
    { "src": "icon-192.png", "sizes": "192x192", "type": "image/png" },
    { "type": "image/png", "src": "img\\/icon 512.png" }
  ],
  "screenshots": [{ "src": "shot.png" }],
  "shortcuts": [{ "name": "x", "url": "/x.png", "icons": [{ "src": "s.png" }] }],
  "share_target": { "action": "/share.png" },
  "x": { "icons": [{ "src": "no.png" }] }
}`

  it('finds the images and nothing that must stay on the origin', () => {
    const { references, base } = webManifestReferences(manifest)
    expect(base).toBeUndefined()
    expect(references.map(({ place, url, loadClass, line }) => `${line} ${place} ${url} ${loadClass}`)).toEqual([
      '4 icons[0].src icon-192.png A',
      '5 icons[1].src img/icon 512.png A',
      '7 screenshots[0].src shot.png A',
      '8 shortcuts[0].icons[0].src s.png A',
    ])
  })

  it('writes JSON that differs in the edited strings alone', () => {
    const { text } = rewriteDocument(manifest, webManifestReferences(manifest), ({ url }) =>
      url === 'img/icon 512.png' ? 'https://cdn/é"\\.png' : undefined,
    )
    expect(text).toBe(manifest.replace('img\\/icon 512.png', 'https://cdn/é\\"\\\\.png'))
    expect(JSON.parse(text).icons[1].src).toBe('https://cdn/é"\\.png')
  })

  it('leaves a manifest that is not JSON', () => {
    expect(webManifestReferences('{"icons":[{"src":"a.png"},]}').references).toEqual([])
  })
})
