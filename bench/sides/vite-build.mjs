// One build of the application in `process.argv[2]` with Vite, in a process of its own; `on` as the next argument: with
// the plugin.
import { join } from 'node:path'
import { build } from 'vite'

const [root, state] = process.argv.slice(2)
const plugins = []
if (state === 'on') {
  const { default: lading } = await import('../../dist/plugins/vite.js')
  const cacheDir = join(root, 'cache')
  plugins.push(lading({ url: 'https://cdn.example.com/', cors: true, rewrite: 'always', upload: false, cacheDir }))
}
await build({ root, configFile: false, logLevel: 'silent', plugins, build: { outDir: 'dist', emptyOutDir: true } })
