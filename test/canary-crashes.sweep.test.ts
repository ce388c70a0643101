import { afterAll, describe, expect, it } from 'vitest'
import { startParrot } from './canary-server.ts'
import { leaksIn, TRAPS } from './canary-traps.ts'
import { createWorld, KEYS, type World } from './canary-world.ts'
import { startStrictS3 } from './rig/strict-s3.ts'

const parrot = await startParrot()
const store = await startStrictS3({ bucket: 'canary' })
const GOOD = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey }
const traps = { ...TRAPS, 'key of the store': store.accessKeyId, 'secret of the store': store.secretAccessKey }

const worlds: World[] = []
function world(files: Readonly<Record<string, string>> = {}): World {
  const made = createWorld()
  worlds.push(made)
  for (const [path, text] of Object.entries(files)) made.write(path, text)
  return made
}

afterAll(async () => {
  for (const made of worlds) made.remove()
  await Promise.all([parrot.close(), store.close()])
})

/** All that a configuration could have at hand when it fails, cut off and encoded too. */
const ALL = [
  `\${Object.entries(process.env).filter(([name]) => /^AWS|^CLOUD/.test(name)).map((pair) => pair.join('=')).join(' ')}`,
  `\${encodeURIComponent(process.env.AWS_SECRET_ACCESS_KEY)} \${btoa(process.env.AWS_SECRET_ACCESS_KEY)}`,
  `\${JSON.stringify(process.env.AWS_SECRET_ACCESS_KEY).replaceAll('/', '\\\\/')} \${process.env.AWS_SESSION_TOKEN.slice(0, 70)}`,
  `postgres://shop:${TRAPS['password of a database']}@db.shop.com/x ${TRAPS['token in a file of the site']}`,
  `aws_secret_access_key=${TRAPS['secret of a profile']} ${TRAPS['token of a CI']} https://ann:${TRAPS['password in an address']}@shop.com/`,
].join(' ')
const fail = `throw new Error(\`cannot sign in: ${ALL}\`)`
const literal = `const key = "${TRAPS['secret in the environment']}", token = "${TRAPS['token in a file of the site']}"`

/** Configurations that fail, each in a way of its own, with everything in their mouths. */
const CONFIGS: Readonly<Record<string, readonly [file: string, text: string, code: RegExp]>> = {
  'throws when it is read': ['lading.config.mjs', fail, /E_CONFIG/],
  'throws when it is read, in TypeScript': [
    'lading.config.ts',
    `const x: number = 1\n${fail}\nexport default { root: x }`,
    /E_CONFIG/,
  ],
  'throws when it is asked': ['lading.config.mjs', `export default () => { ${fail} }`, /E_CONFIG/],
  'throws a text': ['lading.config.mjs', `export default () => { throw \`${ALL}\` }`, /E_CONFIG/],
  'is a promise that fails': ['lading.config.mjs', `export default (async () => { ${fail} })()`, /E_CONFIG/],
  'throws with a cause': [
    'lading.config.mjs',
    `export default () => { throw new Error(\`${ALL}\`, { cause: new Error(\`${ALL}\`) }) }`,
    /E_CONFIG/,
  ],
  'throws when it is looked into': ['lading.config.mjs', `export default { get to() { ${fail} } }`, /E_BUG|E_CONFIG/],
  'throws later, where nobody waits': [
    'lading.config.mjs',
    `setTimeout(() => { ${fail} }); await new Promise((wake) => setTimeout(wake, 100))\nexport default { root: 'site', to: 'store' }`,
    /E_BUG/,
  ],
  'leaves a promise behind that fails': [
    'lading.config.mjs',
    `Promise.reject(new Error(\`${ALL}\`)); await new Promise((wake) => setTimeout(wake, 100))\nexport default { root: 'site', to: 'store' }`,
    /E_BUG/,
  ],
  'imports what is not there': [
    'lading.config.mjs',
    `import '${TRAPS['token in a file of the site']}'; ${literal}`,
    /E_CONFIG/,
  ],
  'has a mistake beside its keys': ['lading.config.mjs', `${literal}; export default { root: ]`, /E_CONFIG/],
  'has a mistake beside its keys, in TypeScript': [
    'lading.config.ts',
    `${literal}; export default { root: ]`,
    /E_CONFIG/,
  ],
  'is broken JSON': [
    'lading.config.json',
    `{"to": "s3://u:${TRAPS['password in an address']}@b/x", "key": "${TRAPS['secret in the environment']}" x`,
    /E_CONFIG/,
  ],
  'has an option with a key in it': [
    'lading.config.json',
    JSON.stringify({ root: 'site', to: 'store', secretAccessKey: TRAPS['secret in the environment'] }),
    /E_CONFIG/,
  ],
  'has a key for a number': [
    'lading.config.json',
    JSON.stringify({ root: 'site', to: 'store', concurrency: TRAPS['secret in the environment'] }),
    /E_CONFIG/,
  ],
  'has a key for an option': [
    'lading.config.json',
    JSON.stringify({ root: 'site', to: 'store', [TRAPS['token in a file of the site']]: 1 }),
    /E_CONFIG/,
  ],
  'has a key in a list': [
    'lading.config.json',
    JSON.stringify({ root: 'site', to: 'store', keep: [{ token: TRAPS['token in a file of the site'] }] }),
    /E_CONFIG/,
  ],
  'has a key in its address': [
    'lading.config.json',
    JSON.stringify({ root: 'site', to: `s3://bkt/x?secret=${TRAPS['parameter of an address']}` }),
    /E_CONFIG/,
  ],
  'has a key in a header': [
    'lading.config.json',
    JSON.stringify({
      root: 'site',
      to: 'store',
      headers: [{ match: '**', cacheControl: `${TRAPS['secret in the environment']}\n` }],
    }),
    /E_/,
  ],
}

const LINES = [['sync', '-v'], ['explain', 'index.html'], ['config'], ['config', '--json']]

/** What fails after the configuration was read ends the process, and only the command itself is there to tell it. */
const isLate = (text: string): boolean => text.includes('wake')

describe(`${Object.keys(CONFIGS).length} configurations that fail with credentials in their mouths`, () => {
  it.concurrent.each(Object.entries(CONFIGS))(
    'nothing is repeated of one that %s',
    async (_name, [file, text, code]) => {
      const made = world({ [file]: text })
      const said = await Promise.all([
        made.command(['plan']),
        made.command(['sync', '--json']),
        isLate(text) ? '' : made.commands(LINES),
      ])
      expect(said.join('\n')).toMatch(code)
      expect(leaksIn(said.join('\n'), traps)).toEqual([])
      expect(leaksIn(made.left(), traps)).toEqual([])
    },
  )

  it('a failure is still told: what happened, where, and without its credentials', async () => {
    const text = await world({ 'lading.config.mjs': `export default () => {\n  ${fail}\n}` }).command(['plan'])
    expect(text).toContain('E_CONFIG  the config threw an error')
    expect(text).toMatch(/why {2}cannot sign in: .*AWS_ACCESS_KEY_ID=\*\*\*/)
    expect(text).toMatch(/lading\.config\.mjs:2:9/)
  })
})

/** The plugin in a build of its own, as a user runs it. */
const VITE = `
const { build } = await import(process.env.CANARY_VITE)
const { default: lading } = await import(process.env.CANARY_PLUGIN)
const options = { to: process.env.CANARY_TO, url: 'https://cdn.example.com/', upload: true, config: false, cacheDir: 'cache', retries: 0 }
await build({ root: 'app', build: { assetsInlineLimit: 0 }, plugins: [lading(options)] })
`

const parrotBucket = (name: string): string => `s3://${name}/x?endpoint=${parrot.endpoint}`

describe('a build with the plugin', () => {
  it.concurrent.each([
    ['that uploads', `s3://canary/x?endpoint=${store.endpoint}`, GOOD, /built in/],
    ['whose store says back what it was told', parrotBucket('status-400'), KEYS, /E_STORE|InvalidRequest/],
    ['whose store says back the session token', parrotBucket('token-500'), KEYS, /E_THROTTLED|overloaded/],
    ['whose store is a page', parrotBucket('html-200'), KEYS, /object store/],
    [
      'with a password in its address',
      `s3://u:${TRAPS['password in an address']}@bkt/x`,
      KEYS,
      /E_|secret|password|credentials/,
    ],
  ])('%s repeats none of them, in its log and in its record', async (_name, to, env, says) => {
    const made = world({
      'app/index.html': '<script type="module" src="/main.js"></script>',
      'app/main.js': 'alert(1)',
    })
    const text = await made.script(VITE, { ...env, CANARY_TO: to })
    expect(text).toMatch(says)
    expect(leaksIn(text, traps)).toEqual([])
    expect(leaksIn(made.left(), traps)).toEqual([])
  })
})
