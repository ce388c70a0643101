import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

/** Builds of frameworks that own their addresses, and of plugin-legacy, seen in Chromium. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/frameworks/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    setupFiles: ['test/rig/every-file.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 480_000,
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'frameworks.json') } }),
  },
})

export default config
