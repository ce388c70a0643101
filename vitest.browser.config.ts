import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

/** Tests that visit pages in Chromium. Two files at a time, each with a browser of its own: a visitor mostly waits. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 480_000,
    globalSetup: ['test/rig/build.ts'],
    setupFiles: ['test/rig/every-file.ts'],
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'browser.json') } }),
  },
})

export default config
