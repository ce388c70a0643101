import type { RsbuildConfig, RsbuildPluginAPI } from '@rsbuild/core'
import { project } from './builds.ts'
import {
  type Attempt,
  BROKEN,
  boom,
  EARLIER,
  type FailingBundler,
  type Files,
  fileFor,
  fullDisk,
  SITE,
  throwing,
} from './failing-sources.ts'
import { buildRsbuild } from './rsbuild-builds.ts'

const RSBUILD_HOOKS = [
  ...['modifyRsbuildConfig', 'modifyEnvironmentConfig', 'modifyBundlerChain', 'modifyRspackConfig'],
  ...['onBeforeCreateCompiler', 'onAfterCreateCompiler', 'onBeforeBuild', 'onBeforeEnvironmentCompile'],
  ...['modifyHTMLTags', 'modifyHTML', 'onAfterEnvironmentCompile', 'onAfterBuild'],
] as const

/** Pages, and a server beside them. */
const TWO_SIDES: RsbuildConfig = {
  environments: {
    web: {},
    node: {
      source: { entry: { server: './src/server.js' } },
      output: { target: 'node', distPath: { root: 'server' } },
    },
  },
}

export function withRsbuild(): FailingBundler {
  const html = { template: './src/index.html' }
  const files = { ...SITE, 'src/index.js': "import './main.js'\n" }
  const build = (attempt: Attempt, more: Files = {}, setup?: (api: RsbuildPluginAPI) => void): Promise<unknown> => {
    const plugins = setup ? [{ name: 'thrower', setup }] : []
    const config = { html, plugins, output: { cleanDistPath: false } }
    return buildRsbuild({ root: project({ ...files, ...more }), ...attempt, config })
  }
  const withSetup = (setup: (api: RsbuildPluginAPI) => void) => (attempt: Attempt) => build(attempt, {}, setup)
  return {
    name: 'rsbuild',
    earlier: (attempt) => build(attempt, EARLIER),
    failures: [
      ...Object.entries(BROKEN).map(([what, more]) => ({ what, build: (attempt: Attempt) => build(attempt, more) })),
      {
        what: 'an import that leads nowhere, where files are emitted all the same',
        build: (attempt) =>
          build(attempt, BROKEN['an import that leads nowhere'], ({ modifyRspackConfig }) =>
            modifyRspackConfig((config) => {
              config.optimization = { ...config.optimization, emitOnErrors: true }
            }),
          ),
      },
      { what: 'a file where a folder of the output should be', spoil: fileFor('static'), build: (to) => build(to) },
      { what: 'a full disk', spoil: fullDisk('index.html'), build: (attempt) => build(attempt) },
      {
        what: 'an environment beside it that fails',
        build: (attempt) =>
          build(attempt, { 'src/server.js': "import './not-there.js'\n" }, ({ modifyRsbuildConfig }) =>
            modifyRsbuildConfig((config, { mergeRsbuildConfig }) => mergeRsbuildConfig(config, TWO_SIDES)),
          ),
      },
      throwing(
        'transform',
        withSetup(({ transform }) => transform({ test: /later\.js$/ }, boom)),
      ),
      throwing(
        'resolve',
        withSetup(({ resolve }) => resolve(boom)),
      ),
      throwing(
        'processAssets',
        withSetup(({ processAssets }) => processAssets({ stage: 'report' }, boom)),
      ),
      ...RSBUILD_HOOKS.map((hook) =>
        throwing(
          hook,
          withSetup((api) => api[hook](boom)),
        ),
      ),
    ],
  }
}
