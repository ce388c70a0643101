import { rmSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { type LadingConfig, type LadingEvent, resolveConfig, sync, watchSite } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createHastyClock } from '../rig/hasty-clock.ts'
import { openCdn } from '../rig/open-cdn.ts'
import { createProject } from '../rig/project.ts'
import { stateOf } from '../rig/published.ts'

const FILES = {
  'index.html': '<img src="logo.png">',
  'about.html': '<img src="logo.png">about',
  'logo.png': 'logo',
}

it.each<[string, LadingConfig]>([
  ['mirror', {}],
  ['host', { url: '/_a/', host: true }],
  ['pages in place', { url: '/_a/', inPlace: true }],
])('a folder that is emptied while a watched run reads it is left alone by that run: %s', async (_, mode) => {
  const store = createMemoryStore()
  const project = createProject({ files: FILES, store })
  onTestFinished(project.remove)
  const options = resolveConfig(
    { root: 'site', to: './store', cacheDir: 'cache', ...mode },
    { cwd: project.dir, env: {} },
  )
  const stop = new AbortController()
  let notice: (path: string) => void = () => {}
  const kept: unknown[] = []
  const ended: unknown[] = []
  let runs = 0

  /** The second run is for a changed page, and begins as a build empties the folder. */
  const build = (event: LadingEvent): void => {
    if (runs !== 2 || event.type !== 'start') return
    rmSync(project.path('site/about.html'))
    notice('about.html')
  }
  await watchSite(options, {
    clock: createHastyClock(),
    signal: stop.signal,
    openStore: async () => store,
    ask: openCdn,
    watchFolder: (_, heard) => {
      notice = heard
      return { renew: async () => 3, close: () => {} }
    },
    async deploy(given, run) {
      runs += 1
      if (runs === 3) project.write('site/about.html', `${FILES['about.html']}, built`)
      const hear = (event: LadingEvent): void => {
        build(event)
        run.emit?.(event)
      }
      return sync(given, { ...run, emit: hear }).finally(async () => void kept.push(await stateOf(store)))
    },
    onRun(run) {
      ended.push('summary' in run ? run.summary.published : run.error)
      if (ended.length === 2) return stop.abort(new Error('enough'))
      project.write('site/index.html', `${FILES['index.html']}, changed`)
      notice('index.html')
    },
  })
  expect(ended).toEqual([true, true])
  expect(runs).toBe(3)
  expect(kept[1]).toEqual(kept[0])
  expect(kept[2]).not.toEqual(kept[0])
})
