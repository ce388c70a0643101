import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSync } from './command.ts'

/** A site of many files. `LADING_SIZE=all` takes the size that is promised, which needs minutes and a gigabyte of disk. */
const FILES = process.env.LADING_SIZE === 'all' ? 100_000 : 10_000
const FILES_PER_FOLDER = 100
const FILE_BYTES = 1024

/** What the process may have at its peak, in MiB. */
const PEAK_MIB = 300
/** Files, pipes and sockets that it may have open. */
const OPEN_FILES = 128

// where there is no such file, nothing tells the peak
describe.skipIf(!existsSync('/proc/self/status'))(
  `${FILES} files, each at its own path, within ${PEAK_MIB} MiB and ${OPEN_FILES} open files`,
  () => {
    let dir: string
    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), 'lading-size-'))
      for (let folder = 0; folder < FILES / FILES_PER_FOLDER; folder++)
        writeFolder(join(dir, 'site', `f${folder}`), folder)
      writeFileSync(join(dir, 'peak.mjs'), TELL_PEAK)
    })
    afterAll(() => rmSync(dir, { recursive: true, force: true }))

    it.each(['the first time', 'with one file changed'])(
      '%s',
      async (time) => {
        const isFirst = time === 'the first time'
        if (!isFirst) writeFileSync(join(dir, 'site/f0/i1.png'), Buffer.alloc(FILE_BYTES, 'changed'))
        const { code, last } = await startSync({
          config: {
            root: 'site',
            to: './store',
            cacheDir: 'cache',
            channel: 'main',
          },
          cwd: dir,
          env: { NODE_OPTIONS: `--import=${pathToFileURL(join(dir, 'peak.mjs')).href}` },
          wrap: (argv) => ['sh', '-c', `ulimit -n ${OPEN_FILES}; exec "$@"`, 'sh', ...argv],
        }).ended
        expect({ code, last }).toMatchObject({ code: 0, last: { type: 'summary', published: true } })
        const peakMib = Number(readFileSync(join(dir, 'peak'), 'utf8')) / 1024
        process.stderr.write(`${FILES} files, ${time}: ${Math.round(peakMib)} MiB at the peak\n`)
        expect(peakMib).toBeLessThan(PEAK_MIB)
      },
      20 * 60_000,
    )
  },
)

/** At its end a process writes down its peak as the system counted it, in KiB. */
const TELL_PEAK = `
import { readFileSync, writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync('peak', /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))`

/** A page and the images that it shows. */
function writeFolder(folder: string, number: number): void {
  mkdirSync(folder, { recursive: true })
  const names = Array.from({ length: FILES_PER_FOLDER - 1 }, (_, index) => `i${index}.png`)
  for (const name of names) writeFileSync(join(folder, name), Buffer.alloc(FILE_BYTES, `${number} ${name} `))
  const images = names.map((name) => `<img src="${name}" alt="">`).join('\n')
  writeFileSync(join(folder, 'index.html'), `<!doctype html>\n${images}\n`)
}
