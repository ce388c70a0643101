import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

/** Kills, races and stops of real processes, and every way in which a build fails. `LADING_KILLS=all` takes every kill instead of a seeded choice. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/**/*.sweep.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // More than cores: many wait most of their time, for leases, limits of time and other processes.
    maxWorkers: 3,
    maxConcurrency: 8,
    globalSetup: ['test/rig/build.ts'],
    setupFiles: ['test/rig/every-file.ts'],
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'faults.json') } }),
  },
})

export default config
