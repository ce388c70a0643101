import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scriptTraits } from '../../../src/rewrite/index.ts'

/** The names of the traits that are true. */
const traits = (text: string): string =>
  Object.entries(scriptTraits(text))
    .filter(([, value]) => value)
    .map(([name]) => name)
    .join(' ')

describe('scriptTraits', () => {
  it.each([
    ['new Worker("w.js")', 'worker'],
    ['new window.Worker(u)', 'worker'],
    ['var W = self["Worker"]; new W()', 'worker'],
    ['new SharedWorker(u)', 'worker'],
    ['importScripts("a.js")', 'importScripts'],
    ['navigator.serviceWorker.register("/sw.js")', 'worker'],
    ['typeof Worker !== "undefined" && new Worker(u)', 'worker'],
    ['var s = document.currentScript', 'currentScript'],
    ['var s = document["currentScript"]', 'currentScript'],
    ['var s = document.getElementsByTagName("script"); base = s[s.length - 1].src.replace(/x/, "")', 'ownTag'],
    ['for (var s of document.scripts) if (/lib\\.js$/.test(s.src)) base = s.src', 'ownTag'],
    ['a = d.querySelectorAll("script"); b = a[a.length - 1].getAttribute("src")', 'ownTag'],
    ['document.querySelector(\'script[src*="lib.js"]\').src', 'ownTag'],
    ['(function(){System.register([`./b.js`],function(e,t){})})()', 'systemModule'],
    ['System.register("named", [], function (e, t) { t.import("./b.js") })', 'systemModule'],
    ['`\x24{new Worker(u)}`', 'worker'],
    ['`a\x24{`b\x24{"}"}`}` + new Worker(u)', 'worker'],
    ['a = b / c; new Worker(u); d = e / f', 'worker'],
    ['a = (b) / 2; s = "/"; new Worker(u) // "', 'worker'],
    ['a++ / 2; new Worker(u); b / 3', 'worker'],
    ['if (x) /["\'`]/.test(y); new Worker(u)', 'worker'],
    ['x = /[/"]/; new Worker(u)', 'worker'],
    ['return /`/.test(x) && new Worker(u)', 'worker'],
  ])('%s: %s', (text, expected) => expect(traits(text)).toBe(expected))

  it.each([
    '',
    'var a = 1',
    '// new Worker("w.js")',
    '/* document.currentScript */',
    'log("new Worker()")',
    "log('import(x)')",
    '`new Worker(u)`',
    '/new Worker/.test(x)',
    'if (x) /new Worker/.test(y)',
    'var s = document.getElementsByTagName("script")[0]; a.src = u; s.parentNode.insertBefore(a, s)',
    // of webpack's runtime: whether a chunk is being loaded already
    's=document.getElementsByTagName("script");for(;;){t=s[i];if(t.getAttribute("src")==u)break}t.src=u,t.src.indexOf(o)',
    'e.querySelector(`script[type="text/template"]`).src',
    '// document.scripts[0].src',
    'log("System.register([])")',
    'Systems.register([])',
    'typeof Worker',
    'typeof window.Worker',
    'class MyWorker {}',
    'new WorkerPool()',
    'a.import("b")',
    'a = { import: 1, export: 2 }',
    'module.exports = a',
    'a.export = 1',
    'reimport("a")',
    'var x = "it\\"s"; // import("a")',
  ])('nothing in %s', (text) => expect(traits(text)).toBe(''))

  it.each([
    ['"unterminated new Worker(u)', 'worker'],
    ['/* new Worker(u)', 'worker'],
    ['`new Worker(u)', 'worker'],
    ['`\x24{ new Worker(u)', 'worker'],
  ])('takes a text that it cannot tell apart whole: %s', (text, expected) => expect(traits(text)).toBe(expected))
})

describe('a script is read once, whatever it is made of', () => {
  it.each(['/[', '/\\', '/[\\', '"a"', '`${'])('%s, many times', (part) => {
    const before = performance.now()
    scriptTraits(`Worker;${part.repeat(100_000)}`)
    // a tenth of a second; to the square it is half a minute
    expect(performance.now() - before).toBeLessThan(10_000)
  })

  it.each([
    ['x = /[/\n;/Worker/', ''],
    ['x = [/[a/]/, /b/.source, Worker]', 'worker'],
    ['}/2 + [a[0] / 2, /[/]Worker/]', ''],
  ])('and where no expression ends on a line, the next one counts: %s', (text, expected) => {
    expect(traits(text)).toBe(expected)
  })
})

describe('scripts of real sites come out with the true answer', () => {
  const modules = resolve(import.meta.dirname, '../../../node_modules')
  const vendor = 'startbootstrap-sb-admin-2/vendor'

  it.each([
    [`${vendor}/jquery/jquery.js`, ''],
    [`${vendor}/jquery/jquery.min.js`, ''],
    [`${vendor}/jquery-easing/jquery.easing.min.js`, ''],
    [`${vendor}/bootstrap/js/bootstrap.bundle.min.js`, ''],
    [`${vendor}/chart.js/Chart.min.js`, ''],
    [`${vendor}/datatables/jquery.dataTables.min.js`, ''],
    [`${vendor}/datatables/dataTables.bootstrap4.min.js`, ''],
    [`${vendor}/fontawesome-free/js/conflict-detection.js`, 'currentScript'],
    ['startbootstrap-sb-admin-2/js/sb-admin-2.min.js', ''],
    ['startbootstrap-agency/dist/js/scripts.js', ''],
    ['html5-boilerplate/dist/js/app.js', ''],
    ['reveal.js/dist/reveal.js', ''],
    ['reveal.js/dist/plugin/notes.js', ''],
    ['reveal.js/dist/plugin/markdown.js', ''],
    ['reveal.js/dist/plugin/highlight.js', ''],
    ['reveal.js/dist/plugin/math.js', ''],
    ['reveal.js/dist/plugin/search.js', ''],
    ['reveal.js/dist/plugin/zoom.js', ''],
    ['vite/dist/client/client.mjs', 'worker'],
  ])('%s', (file, expected) => expect(traits(readFileSync(resolve(modules, file), 'utf8'))).toBe(expected))
})
