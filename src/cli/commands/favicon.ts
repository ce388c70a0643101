import { type FaviconResult, formatBytes, LadingError, makeFavicon, plural, printable, shellWord } from '../../index.ts'
import type { CommandInput, Flags } from '../io.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { pathFrom } from '../reporters/lines.ts'
import { wrap } from '../reporters/wrap.ts'
import { runOf, voiceOf } from '../session.ts'

/** The tags go to stdout, to be pasted or piped; what was written to stderr. */
export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const { isJson, isQuiet, out, err } = voiceOf(input)
  const made = await makeFavicon(
    {
      source: args[0] ?? '',
      out: outOf(flags, args[0] ?? ''),
      dark: textOf(flags.dark),
      background: textOf(flags.background),
      manifest: flags.manifest === true,
      name: textOf(flags.name),
      base: textOf(flags.base),
      force: flags.force === true,
      cwd: io.cwd,
    },
    runOf(io),
  )
  if (isJson) {
    out.write(jsonData('favicon', made) + jsonEnd)
    return 0
  }
  if (!isQuiet) {
    err.write(filesText(made, pathFrom(io.cwd, made.out)))
    for (const note of made.notes) err.write(wrap(`! ${note}`, err.columns))
    err.write('For the <head> of every page:\n')
  }
  out.write(made.tags.map((tag) => `${tag}\n`).join(''))
  return 0
}

const SIGNS: Readonly<Record<FaviconResult['files'][number]['result'], string>> = {
  new: '+',
  replaced: '~',
  unchanged: '=',
}

function filesText({ files, bytes }: FaviconResult, folder: string): string {
  const width = Math.max(...files.map(({ name }) => name.length))
  const lines = files.map(
    ({ name, bytes: size, result }) => `  ${SIGNS[result]} ${name.padEnd(width)}  ${formatBytes(size).padStart(9)}\n`,
  )
  const done = files.every(({ result }) => result === 'unchanged') ? ', nothing to change' : ''
  return `${lines.join('')}ok: ${plural(files.length, 'file')} in ${printable(folder)}, ${formatBytes(bytes)} together${done}\n`
}

/** Not guessed: a set of files in the wrong folder is tedious to take away again. */
function outOf({ out }: Flags, source: string): string {
  if (typeof out === 'string') return out
  throw new LadingError('E_USAGE', 'it is not said where the icons go', {
    hint: `Name the folder: lading favicon ${shellWord(source)} --out public`,
  })
}

const textOf = (flag: unknown): string | undefined => (typeof flag === 'string' ? flag : undefined)
