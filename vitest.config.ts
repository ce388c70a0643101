import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/**/*.sweep.test.ts',
      'test/browser/**',
      'test/servers/**',
      'test/faults/**',
      'test/frameworks/**',
      'test/fixtures/**',
    ],
    globalSetup: ['test/rig/build.ts'],
    // Every core: by default one is left for whoever waits, which of two is half.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'unit.json') } }),
  },
})

export default config
