import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

/** Tests against S3 servers that others wrote. Two files at a time, each with servers of its own. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/servers/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    setupFiles: ['test/rig/every-file.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'servers.json') } }),
  },
})

export default config
