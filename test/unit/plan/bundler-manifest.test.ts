import { describe, expect, it } from 'vitest'
import { carriesHash, emittedScripts } from '../../../src/plan/bundler-manifest.ts'

const site = (...paths: string[]) => {
  const known = new Set(paths)
  return (path: string): boolean => known.has(path)
}

describe('the manifest of a bundler names its scripts', () => {
  it.each([
    ['vite', { 'main.js': { file: 'assets/main-B7x2Kq9f.js', css: ['assets/main-D1.css'], isEntry: true } }],
    ['webpack-manifest-plugin', { files: { 'main.js': '/assets/main-B7x2Kq9f.js' }, entrypoints: [] }],
    ['webpack-manifest-plugin, flat', { 'main.js': 'https://cdn.example.com/assets/main-B7x2Kq9f.js' }],
    ['webpack', { assets: [{ name: 'assets/main-B7x2Kq9f.js' }, { name: 'x.png' }] }],
    ['esbuild', { outputs: { 'dist/assets/main-B7x2Kq9f.js': { bytes: 1 } } }],
  ])('%s', (_bundler, data) => {
    expect(emittedScripts(JSON.stringify(data), site('assets/main-B7x2Kq9f.js'))).toEqual(['assets/main-B7x2Kq9f.js'])
  })

  it.each(['', 'no json', '[]', '"x"', 'null', '{"a":{"file":1}}', '{"start_url":"/main.js"}'])('but not %j', (text) =>
    expect(emittedScripts(text, site('other.js'))).toEqual([]),
  )
})

describe('a name carries a hash', () => {
  it.each([
    'assets/index-DiwrgTda.js',
    'assets/index-B_x-Kq9f.js',
    'static/js/main.3f2a91bc.js',
    '391.8d7c2e1b0a.chunk.js',
    'app-5KHOQ2WM.js',
    'js/app.3f2a91bc0d1e2f3a4b5c.mjs',
  ])('%s', (path) => expect(carriesHash(path)).toBe(true))

  it.each([
    'main.js',
    'js/vendor-component.js',
    'jquery.min.js',
    'bootstrap.bundle.js',
    'my-accordion.js',
    'deadbeef.js',
    'a-datatable.js',
    'user-Settings.js',
    'page-Checkout.js',
    'report-20240101.js',
    'x-READMEMD.js',
  ])('not %s', (path) => expect(carriesHash(path)).toBe(false))
})
