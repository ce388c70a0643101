import { describe, expect, it } from 'vitest'
import { scriptStrings } from '../../../src/rewrite/script/strings.ts'
import { seenInPage, seenInScript } from '../../../src/rewrite/seen.ts'

const values = (code: string): string[] => scriptStrings(code).map(({ value }) => value)

describe('the strings of a script', () => {
  it.each<[string, string[]]>([
    ['a("x", \'y\', `z`)', ['x', 'y', 'z']],
    ['"" + \'\'', ['', '']],
    ['"a\\"b" + \'it\\\'s\' + `\\``', ['a"b', "it's", '`']],
    ['"\\/img\\/x.png"', ['/img/x.png']],
    ['"\\u002fx\\x2ey\\u{1f600}\\n"', ['/x.y\u{1f600}\n']],
    ['"a\\\nb"', ['ab']],
    ['"\\u{ffffff}"', ['']],
    ['`a\x24{"b"}c` + `d\x24{`e`}`', ['b', 'e']],
    ['`\x24{x}y`', []],
    ['/* "a" */ // "b"\n"c"', ['c']],
    ['x = /"a"/.test("b")', ['b']],
    ['if (x) /[/"]/.test("b")', ['b']],
    ['a / "b" / c', ['b']],
    ['"a"; "b', ['a']],
  ])('of %s', (code, expected) => expect(values(code)).toEqual(expected))

  it('stand where they say', () => {
    const code = 'a("x", `yy`, \'\')'
    expect(scriptStrings(code).map(({ start, end }) => code.slice(start, end))).toEqual(['x', 'yy', ''])
  })
})

const inScript = (code: string): string[] => seenInScript(code).map(({ url, line }) => `${line} ${url}`)

describe('what may be an address in a script', () => {
  it.each<[string, string[]]>([
    ['img.src = "/img/x.png"', ['1 /img/x.png']],
    ['fetch("./a.json"), fetch("../b.json?c#d")', ['1 ./a.json', '1 ../b.json?c#d']],
    ['\n["img/x.png",\n"https://site.example/y.png"]', ['2 img/x.png', '3 https://site.example/y.png']],
    ['el.style.background = "url(/x.png)"', ['1 /x.png']],
    ['el.style.cssText = "color:red;background:url(\'/x.png\')"', ['1 /x.png']],
    ['style.textContent = ".a{background:image-set(\'/x.png\' 1x)}"', ['1 /x.png']],
    ['root.style.setProperty("--hero", "url(/x.png)")', ['1 /x.png']],
    ['el.innerHTML = `<img src="/x.png" srcset="/y.png 2x">`', ['1 /x.png', '1 /y.png']],
    ['import "./a.js"; import("./b.js"); new URL("./c.png", import.meta.url)', []],
    ['import "./a.js"; x = "./a.js"', ['1 ./a.js']],
    ['a = { "app.js": 1, x: "logo.png" }', []],
    ['"/api/users", "/", "./", "application/json", "a/b"', []],
    ['// "/x.png"\nx = /"\\/x.png"/', []],
    ['`/img/\x24{name}.png`', []],
  ])('%s', (code, expected) => expect(inScript(code)).toEqual(expected))
})

const inPage = (html: string): string[] => seenInPage(html).addresses.map(({ url, line }) => `${line} ${url}`)

describe('what may be an address in a page', () => {
  it.each<[string, string[]]>([
    ['<p>\n<script>\nx = "x.png"</script>', ['3 x.png']],
    ['<script type=module>import "/m.js"; x = "/x.png"</script>', ['1 /x.png']],
    ['<a onmouseover="this.src=&quot;x.png&quot;">\n<b ONCLICK=\'go("/y.png")\'>', ['1 x.png', '2 /y.png']],
    ['<script src=a.js>x = "/x.png"</script><script type="text/template">"/x.png"</script>', []],
    ['<script type=application/json>{"a":"/x.png"}</script><style>a{content:"/x.png"}</style>', []],
    ['<img src=x.png alt="/x.png"><!-- <script>"/x.png"</script> -->', []],
    ['<svg><script>x = &quot;/x.png&quot;</script></svg>', ['1 /x.png']],
  ])('%s', (html, expected) => expect(inPage(html)).toEqual(expected))

  it('comes with its base', () => expect(seenInPage('<base href=/b/><script>"x.png"</script>').base).toBe('/b/'))
})
