import { describe, expect, it } from 'vitest'
import {
  isNeverUploaded,
  isPage,
  isRootBound,
  isWebManifest,
  isWellKnownIcon,
  neverRule,
  rootBoundRule,
} from '../../../src/rewrite/index.ts'
import { neverFolderRule } from '../../../src/rewrite/keep.ts'

describe('files that work only at their own path', () => {
  it.each([
    ['robots.txt', 'read by robots'],
    ['.well-known/security.txt', 'well-known URI'],
    ['.well-known/acme-challenge/x.png', 'well-known URI'],
    ['sitemap.xml', 'sitemap or feed'],
    ['sitemap-1.xml.gz', 'sitemap or feed'],
    ['blog/feed.xml', 'sitemap or feed'],
    ['blog/index.xml', 'sitemap or feed'],
    ['browserconfig.xml', 'configuration in XML'],
    ['_headers', 'host configuration'],
    ['.nojekyll', 'host configuration'],
    ['docs/.htaccess', 'host configuration'],
    ['google0123456789abcdef.html', 'proof of ownership'],
    ['sw.js', 'service worker'],
    ['app/Service-Worker.js', 'service worker'],
    ['firebase-messaging-sw.js', 'service worker'],
    ['OneSignalSDKWorker.js', 'service worker'],
    ['registerSW.js', 'service worker'],
    ['remoteEntry.js', 'read by scripts'],
    ['leaflet/images/marker-icon-2x.png', 'named by Leaflet'],
    ['leaflet/images/marker-shadow.png', 'named by Leaflet'],
    ['asset-manifest.json', 'build manifest'],
    ['.vite/manifest.json', 'build manifest'],
  ])('%s: %s', (path, rule) => {
    expect(rootBoundRule(path)).toBe(rule)
    expect(isRootBound(path)).toBe(true)
  })

  it.each([
    'img/logo.png',
    'css/style.css',
    'js/app.js',
    'js/answer.js',
    'js/jquery.min.js',
    'sub/robots.txt',
    'google.html',
    'manifest.json',
    'site.webmanifest',
    'news.js',
    'worker.js',
    'assets/images/marker-icon-Bx1a2k2d.png',
  ])('%s may move', (path) => expect(isRootBound(path)).toBe(false))
})

describe('kinds of files', () => {
  it.each<[string, (path: string) => boolean, boolean]>([
    ['manifest.json', isWebManifest, true],
    ['app/site.webmanifest', isWebManifest, true],
    ['asset-manifest.json', isWebManifest, false],
    ['mymanifest.json', isWebManifest, false],
    ['favicon.ico', isWellKnownIcon, true],
    ['FAVICON.ICO', isWellKnownIcon, true],
    ['favicon.svg', isWellKnownIcon, true],
    ['apple-touch-icon.png', isWellKnownIcon, true],
    ['apple-touch-icon-120x120-precomposed.png', isWellKnownIcon, true],
    ['img/favicon.ico', isWellKnownIcon, false],
    ['favicon-32x32.png', isWellKnownIcon, false],
    ['index.html', isPage, true],
    ['a/INDEX.HTM', isPage, true],
    ['a.xhtml', isPage, true],
    ['html', isPage, false],
    ['a.html.png', isPage, false],
  ])('%s', (path, predicate, expected) => expect(predicate(path)).toBe(expected))
})

describe('files that never leave the machine', () => {
  it.each([
    ['.env', 'environment file'],
    ['.env.production', 'environment file'],
    ['.env.local.bak', 'environment file'],
    ['prod.env', 'environment file'],
    ['.git', 'version control'],
    ['.git/config', 'version control'],
    ['.gitmodules', 'version control'],
    ['sub/.svn/entries', 'version control'],
    ['node_modules/x/a.png', 'node_modules'],
    ['lib/node_modules/a.js', 'node_modules'],
    ['id_rsa', 'private key'],
    ['keys/server.pem', 'private key'],
    ['x.p12', 'private key'],
    ['x.pfx', 'private key'],
    ['x.jks', 'private key'],
    ['x.kdbx', 'private key'],
    ['.npmrc', 'credentials'],
    ['.netrc', 'credentials'],
    ['.aws/credentials', 'credentials'],
    ['.pypirc', 'credentials'],
    ['.docker/config.json', 'credentials'],
    ['credentials.py', 'credentials'],
    ['terraform.tfstate', 'credentials'],
    ['wp-config.php.bak', 'dump or backup'],
    ['dump.sql', 'dump or backup'],
    ['dump.sql.gz', 'dump or backup'],
    ['.DS_Store', 'litter'],
    ['img/Thumbs.db', 'litter'],
    ['a.txt.swp', 'litter'],
    ['index.html~', 'litter'],
    ['npm-debug.log', 'litter'],
    ['js/app.js.map', 'source map'],
    ['css/style.css.map', 'source map'],
    ['.hidden/a.png', 'dotfile'],
    ['img/.secret.png', 'dotfile'],
    ['.htaccess', 'dotfile'],
    ['.nojekyll', 'dotfile'],
  ])('%s: %s', (path, rule) => {
    expect(neverRule(path)).toBe(rule)
    expect(isNeverUploaded(path)).toBe(true)
  })

  it.each([
    'index.html',
    '.well-known/security.txt',
    'img/logo.png',
    'backup.zip',
    'data.sqlite',
    'map.png',
    'js/maps.js',
    'environment.js',
    'id_rsa.pub',
    'mygit/a.png',
    '__proto__',
    'a..b.png',
    'secrets.html',
    '~lead.png',
    'key.png',
  ])('%s does', (path) => expect(neverRule(path)).toBeUndefined())
})

describe('folders that are never walked', () => {
  it.each([
    ['.git', 'version control'],
    ['themes/x/.svn', 'version control'],
    ['CVS', 'version control'],
    ['.git/objects', 'version control'],
    ['node_modules', 'node_modules'],
    ['lib/node_modules/a', 'node_modules'],
    ['.aws', 'credentials'],
    ['home/.ssh', 'credentials'],
    ['.env', 'dotfile'],
    ['.cache', 'dotfile'],
  ])('%s: %s', (path, rule) => expect(neverFolderRule(path)).toBe(rule))

  it.each([
    'docs/secret',
    'credentials',
    'talks/intro.key',
    'blog.old',
    'x.orig',
    'tiles.map',
    'db.dump',
    'id_rsa',
    'a~',
    '.well-known',
    '.well-known/acme',
    'mygit',
  ])('%s is a part of the site', (path) => expect(neverFolderRule(path)).toBeUndefined())
})
