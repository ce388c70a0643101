import { resolve } from 'node:path'
import { packWorker, plural, printable } from '../../index.ts'
import { archFlag } from '../arch-flag.ts'
import type { CommandInput } from '../io.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { voiceOf } from '../session.ts'

/** The digest and the path go to stdout, as `sha256sum` writes them. */
export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  const { isJson, isQuiet, out, err } = voiceOf(input)
  const node = typeof flags.node === 'string' ? resolve(io.cwd, flags.node) : flags.node === false ? false : undefined
  const bundle = await packWorker({
    arch: archFlag(flags),
    out: resolve(io.cwd, typeof flags.out === 'string' ? flags.out : '.'),
    node,
  })
  if (isJson) {
    out.write(jsonData('bundle', bundle) + jsonEnd)
    return 0
  }
  const { sha256, path, files, bytes, arch } = bundle
  if (!isQuiet) err.write(`${plural(files, 'file')} for linux on ${arch}, ${Math.ceil(bytes / 1e6)} MB packed\n`)
  out.write(`${sha256}  ${printable(path)}\n`)
  return 0
}
