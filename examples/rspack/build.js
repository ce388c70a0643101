import { rspack } from '@rspack/core'
import config from './rspack.config.js'

// Builds as `npx rspack build` of @rspack/cli does, which this repository does not install.
// An argument is the folder to build into instead of dist/.
const [path = config.output.path] = process.argv.slice(2)
const compiler = rspack({ ...config, output: { ...config.output, path } })
compiler.run((error, stats) => {
  if (error) throw error
  console.log(stats.toString({ preset: 'errors-warnings' }))
  if (stats.hasErrors()) process.exitCode = 1
  compiler.close(() => {})
})
