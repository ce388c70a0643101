import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Where a CI run collects its counts; unset everywhere else. */
const reports = process.env.LADING_TEST_REPORTS

const EXCLUDED = [
  'test/**/*.sweep.test.ts',
  'test/browser/**',
  'test/servers/**',
  'test/faults/**',
  'test/frameworks/**',
  'test/fixtures/**',
]

/** Files that put something else in the place of a module, which then must not have been loaded before. */
const ALONE = 'test/**/*.alone.test.ts'

const shared = { setupFiles: ['test/rig/every-file.ts'], testTimeout: 120_000, hookTimeout: 120_000 }

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/rig/build.ts'],
    projects: [
      { test: { ...shared, name: 'alone', include: [ALONE] } },
      // One after the other in the same few processes: starting one and loading everything anew costs a third of a second.
      {
        test: {
          ...shared,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...EXCLUDED, ALONE],
          isolate: false,
        },
      },
    ],
    // One more than cores: some of the tests wait.
    maxWorkers: availableParallelism() + 1,
    ...(reports === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: join(reports, 'unit.json') } }),
  },
})

export default config
