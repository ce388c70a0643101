import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, keyOf, keysNamedIn, project, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const address = { url: CDN, cors: true } as const
const always = { ...address, rewrite: 'always' } as const

const files = {
  'src/index.html': '<p>x</p>',
  'src/main.js':
    "import './main.css'; import a from './a.png?v=2'; import b from './a.png?v=3'; document.title = a + b",
  'src/main.css': '@font-face { font-family: x; src: url(./f.ttf?v=4.7.0) } p { background: url(./b.png?x#y) }',
  'src/a.png': 'a picture',
  'src/b.png': 'another picture',
  'src/f.ttf': 'a font',
}

describe.each(KIN)('names with a query that %s gives', (_, { build }) => {
  it('are those of files without it, which are sent, named in full, and known by a sync', async () => {
    const folder = tempFolder()
    const options = { ...address, to: join(folder, 'store'), upload: true }
    const output = { assetModuleFilename: '[hash][ext][query]' }
    const { outDir, errors } = await build({ root: project(files), folder, options, config: { output } })
    expect(errors).toEqual([])
    const made = filesIn(outDir).filter((path) => /\.(?:png|ttf)$/.test(path))
    expect(made).toHaveLength(3)
    expect(made.map((path) => keyOf(recordOf(outDir), path))).toEqual(made.map((path) => `a/${path}`))
    expect(recordOf(outDir).sent).toEqual(await keysIn(join(folder, 'store')))
    const sheet = textOf(outDir, /\.css$/)
    expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/[0-9a-f]+\.ttf\?v=4\.7\.0\)/)
    expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/[0-9a-f]+\.png\?x#y\)/)
    const named = [...keysNamedIn(outDir, CDN)].filter((key) => key !== 'a/')
    expect(named.filter((key) => !recordOf(outDir).sent.includes(key))).toEqual([])
    const { summary } = await syncBuild(folder, { ...address, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
  })

  it.each([
    ['scripts', { filename: '[name].js?[contenthash]' }, 'main.js'],
    ['assets', { assetModuleFilename: '[name][ext]?[contenthash]' }, 'a.png'],
  ] as const)('hold no hash of %s, where it stands in the query alone', async (_what, output, path) => {
    const failing = build({ root: project(files), options: always, config: { output } })
    await expect(failing).rejects.toThrow(/files without a hash of their content/)
    await expect(failing).rejects.toThrow(path)
  })
})

describe.each(KIN)('a style sheet of %s', (_, { build }) => {
  const copying = { ...files, 'src/main.css': 'p { background: url(/b.png) }', 'public/b.png': 'a picture' }
  const fixed = /style sheet would be changed under a name that does not follow its content/

  it.each(['[name].[chunkhash].css', '[name].[fullhash:8].css'])(
    'that names a copied file is refused under %s, and told what to write',
    async (sheets) => {
      const failing = build({ root: project(copying), options: always, sheets })
      await expect(failing).rejects.toThrow(fixed)
      await expect(failing).rejects.toThrow(/Put \[contenthash\] into the filename of the style sheets/)
    },
  )

  it('that names a copied file is refused where the bundler does not name by what was made', async () => {
    const optimization = { realContentHash: false }
    const failing = build({ root: project(copying), options: always, config: { optimization } })
    await expect(failing).rejects.toThrow(fixed)
    await expect(failing).rejects.toThrow(/optimization\.realContentHash: true/)
  })

  it('that names none may have any hash in its name', async () => {
    const { outDir, errors } = await build({ root: project(files), options: always, sheets: '[name].[chunkhash].css' })
    expect(errors).toEqual([])
    expect(recordOf(outDir).files.filter(([path, , immutable]) => path.endsWith('.css') && immutable)).toHaveLength(1)
  })

  it('that stays at the site may name copied files under any name', async () => {
    const options = { url: CDN, rewrite: 'always' } as const
    const { outDir, errors } = await build({ root: project(copying), options, sheets: '[name].[chunkhash].css' })
    expect(errors).toEqual([])
    expect(textOf(outDir, /\.css$/)).toContain(CDN + keyOf(recordOf(outDir), 'b.png'))
  })
})

// webpack-manifest-plugin hands on the names and bytes of what file-loader emits, and nothing else.
describe.each(KIN)('what a loader of %s emits and says nothing of', (_, { build }) => {
  const emitting = (digest: string): Record<string, string> => ({
    'src/index.html': '<p>x</p>',
    'src/main.js': "import url from './logo.pic'; document.title = url",
    'src/logo.pic': 'a logo',
    'loader.cjs': `module.exports = function (content) {
      const { createHash } = this._compiler.webpack.util
      const name = 'media/logo.' + ${digest} + '.pic'
      this.emitFile(name, content)
      return 'export default __webpack_public_path__ + ' + JSON.stringify(name)
    }
    module.exports.raw = true`,
  })
  const building = (digest: string): ReturnType<typeof build> => {
    const root = project(emitting(digest))
    const module = { rules: [{ test: /\.pic$/, type: 'javascript/auto', loader: join(root, 'loader.cjs') }] }
    return build({ root, options: always, config: { module } })
  }

  it.each(['md4', 'xxhash64'])(
    'goes to the store when its name holds the %s digest of its bytes',
    async (algorithm) => {
      const { outDir, errors } = await building(`createHash('${algorithm}').update(content).digest('hex')`)
      expect(errors).toEqual([])
      const [path = ''] = filesIn(join(outDir, 'media')).map((name) => `media/${name}`)
      expect(recordOf(outDir).files).toContainEqual([path, `a/${path}`, true])
    },
  )

  it('fails the build when it holds another', async () => {
    await expect(building("'0123456789abcdef'")).rejects.toThrow(/files without a hash of their content/)
  })
})
