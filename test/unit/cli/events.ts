import type { LadingEvent, WatchEvent } from '../../../src/index.ts'

/** One run that has everything in it, and one record of every other type. */
export const EVENTS: readonly LadingEvent[] = [
  {
    type: 'start',
    version: '0.1.0',
    mode: 'offload',
    root: '/project/dist',
    target: 's3://site-assets/x/',
    url: 'https://cdn.example.com/',
    channel: 'production',
    dryRun: false,
  },
  { type: 'phase', phase: 'scan', files: 416, bytes: 19_100_000, ms: 210 },
  { type: 'phase', phase: 'plan', files: 3, bytes: 208_700, ms: 0 },
  { type: 'progress', files: { done: 1, total: 3 }, bytes: { done: 104_350, total: 208_700 }, retries: 1 },
  { type: 'retry', key: 'a/app.js', attempt: 2, reason: '503 SlowDown', waitMs: 200 },
  { type: 'wait', deploy: 'd5', channel: 'preview', silentMs: 3100 },
  { type: 'waited', deploy: 'd5', channel: 'preview', ms: 2000 },
  { type: 'phase', phase: 'upload', files: 3, bytes: 208_700, ms: 1400 },
  { type: 'file', op: 'add', key: 'a/app.js', path: 'app.js', bytes: 182_400, reason: 'new', done: true },
  { type: 'file', op: 'change', key: 'favicon.ico', path: 'favicon.ico', bytes: 1900, reason: 'content', done: true },
  { type: 'file', op: 'headers', key: 'logo.svg', bytes: 3200, reason: 'cache-control', done: true },
  { type: 'file', op: 'page', key: 'index.html', path: 'index.html', bytes: 900, reason: 'rewritten', done: true },
  { type: 'file', op: 'keep', key: 'a/1.png', bytes: 1000, reason: 'unchanged', done: true },
  { type: 'file', op: 'keep', key: 'a/2.png', bytes: 2000, reason: 'unchanged', done: true },
  { type: 'file', op: 'expire', key: 'a/old.js', bytes: 5, reason: 'unreferenced', done: true },
  {
    type: 'reference',
    ...{ result: 'kept', from: 'index.html', line: 4, place: 'link[rel=manifest]', url: 'a.webmanifest' },
    ...{ target: 'a.webmanifest', detail: 'it works only at its own path' },
  },
  {
    type: 'reference',
    ...{ result: 'seen', from: 'app.js', line: 2, place: 'string in a script', url: '/logo\u202e.png' },
    ...{ target: 'logo.png', detail: 'a/logo.png' },
  },
  {
    type: 'warning',
    code: 'W_REF_MISSING',
    message: '7 references name no file',
    items: ['a:1', 'b:2', 'c:3', 'd:4', 'e:5', 'f:6', 'g\u202e:7'],
    fix: 'add the files',
  },
  {
    type: 'summary',
    ok: true,
    exit: 0,
    mode: 'offload',
    dryRun: false,
    release: 'r-1',
    seq: 1,
    added: 1,
    changed: 1,
    reheadered: 1,
    adopted: 0,
    kept: 412,
    expired: 1,
    removed: 0,
    bytes: 184_300,
    pages: { written: 1, unchanged: 0, removed: 0 },
    published: true,
    references: { moved: 214, kept: 2, missing: 7 },
    notUploaded: 2,
    warnings: 1,
    ms: 2210,
  },
]

/** What stands between the runs of `sync --watch`. */
export const WATCHED: readonly WatchEvent[] = [
  { type: 'watch', state: 'empty' },
  { type: 'watch', state: 'waiting' },
  { type: 'watch', state: 'waiting', againMs: 20_000 },
  { type: 'watch', state: 'again' },
  { type: 'watch', state: 'changed', changes: 3, paths: ['index.html', 'css/a.css', '.'] },
]

export const ERROR: LadingEvent = {
  type: 'error',
  code: 'E_OUT',
  message: 'the site and --out lie inside each other',
  subject: '/project/dist/out',
  why: 'Because.\nSecond line.',
  fix: 'Choose another.',
  details: Array.from({ length: 22 }, (_, index) => `item ${index + 1}`),
  exit: 3,
}
