import { withRsbuild } from './failing-rsbuild.ts'
import { type Attempt, BROKEN, EARLIER, type FailingBundler, fileFor, fullDisk, throwing } from './failing-sources.ts'
import { webpackKin } from './failing-webpack.ts'
import { OTHERS, SOURCES } from './others.ts'
import { KIN } from './rspack-builds.ts'

function other({ name, build, hooks }: (typeof OTHERS)[number]): FailingBundler {
  const whole = (attempt: Attempt): Promise<unknown> => build(attempt)
  return {
    name,
    earlier: (attempt) => build({ ...attempt, files: { ...SOURCES, ...EARLIER } }),
    failures: [
      ...Object.entries(BROKEN).map(([what, more]) => ({
        what,
        build: (attempt: Attempt) => build({ ...attempt, files: { ...SOURCES, ...more } }),
      })),
      { what: 'a file where a folder of the output should be', spoil: fileFor('chunks'), build: whole },
      {
        what: 'a full disk',
        spoil: fullDisk('main.js'),
        build: (attempt) => build({ ...attempt, entryNames: '[name]' }),
      },
      ...hooks.map((failing) => throwing(failing, (attempt) => build({ ...attempt, failing }))),
    ],
  }
}

/** Every bundler besides Vite, whose own table is `vite-publish.test.ts`. */
export const FAILING: readonly FailingBundler[] = [...KIN.map(webpackKin), withRsbuild(), ...OTHERS.map(other)]
