import { createHash, randomUUID } from 'node:crypto'
import { accessSync, constants, createWriteStream, existsSync, statSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { makeFolders } from '../../transfer/make-folders.ts'
import { refuseWrite } from '../../transfer/write-failed.ts'
import { LadingError, printable } from '../../words/errors.ts'
import type { Arch } from '../stack/fleet.ts'
import { type FetchPackage, fetchPackage } from './fetch.ts'
import { fileEntry, filesOf, textEntry } from './files.ts'
import { findPackage, layOutPackages, missing, packageFacts } from './packages.ts'
import { type TarEntry, tar } from './tar.ts'

export interface PackRequest {
  readonly arch: Arch
  /** The folder that the bundle is put into, as `<sha256>.tar.gz`; made where it is not there. */
  readonly out: string
  /**
   * The Node binary to include: a file, or `false` where the instances' image has one.
   *
   * @default the running one, or npm's `node-linux-<arch>` of its version if this machine is of another platform
   */
  readonly node?: string | false | undefined
  /** @default npm, and only where this machine does not have what the target needs */
  readonly fetch?: FetchPackage | undefined
}

export interface Bundle {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly files: number
  readonly arch: Arch
}

/** Beside the package's own dependencies: peer dependencies that a worker on AWS needs. */
const WORKER_NEEDS = ['@aws-sdk/client-sqs', '@aws-sdk/client-auto-scaling', 'sharp']

const START = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
node=$here/node
test -x "$node" || node=node
exec "$node" "$here/../dist/src/cli/main.cjs" "$@"
`

/**
 * Everything that a worker runs, in one archive: this program as it was built, the packages that it needs, and Node.
 * Reproducible: the same files packed by the same Node give the same bytes.
 *
 * @throws E_MISSING_PACKAGE, E_WRITE, E_CONFIG when it was not built, E_USAGE for a Node that is not there
 */
export async function pack(request: PackRequest): Promise<Bundle> {
  assertNode(request.node)
  const unwritten = { what: 'the bundle', subject: request.out, flag: '--out' }
  try {
    makeFolders(request.out)
  } catch (error) {
    refuseWrite(error, unwritten)
  }
  const temporary = await mkdtemp(join(tmpdir(), 'lading-pack-'))
  try {
    const entries = await entriesOf(request, temporary)
    // not by process id: several containers may share both the folder and the number
    const draft = join(request.out, `.lading-${randomUUID()}.tar.gz`)
    try {
      const { sha256, bytes } = await write(entries, draft)
      const path = join(request.out, `${sha256}.tar.gz`)
      await rename(draft, path)
      return { path, sha256, bytes, files: entries.length, arch: request.arch }
    } catch (error) {
      return refuseWrite(error, unwritten)
    } finally {
      await rm(draft, { force: true })
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function assertNode(node: PackRequest['node']): void {
  if (typeof node !== 'string') return
  const hint = 'Name a Node for the instances with --node, or leave it out for the one that runs here.'
  if (!statSync(node, { throwIfNoEntry: false })?.isFile()) {
    throw new LadingError('E_USAGE', `"${printable(node)}" is no file`, { hint })
  }
  try {
    accessSync(node, constants.R_OK)
  } catch (cause) {
    throw new LadingError('E_USAGE', `"${printable(node)}" cannot be read`, { hint, cause })
  }
}

async function entriesOf(request: PackRequest, temporary: string): Promise<TarEntry[]> {
  const { arch } = request
  const home = ownFolder()
  const needed = neededBy(home)
  needed.set('sharp', await sharpFor(needed.get('sharp') ?? '', request, join(temporary, 'sharp')))
  const packages = layOutPackages(needed, { os: 'linux', cpu: arch, libc: 'glibc' })
  const node = await nodeFor(request, join(temporary, 'node'))
  return [
    fileEntry(join(home, 'package.json'), 'package.json'),
    ...filesOf(join(home, 'dist/src'), 'dist/src'),
    ...packages.flatMap(({ folder, place }) => filesOf(folder, place)),
    textEntry('bin/lading', START),
    ...(node === false ? [] : [fileEntry(node, 'bin/node', true)]),
  ]
}

/** The installed sharp if it has binaries for the target, else a fetched one. */
async function sharpFor(
  installed: string,
  { arch, fetch = fetchPackage }: PackRequest,
  folder: string,
): Promise<string> {
  if (findPackage(`@img/sharp-linux-${arch}`, installed) !== undefined) return installed
  await fetch({ name: `sharp@${packageFacts(installed).version}`, folder, cpu: arch, isForeign: false })
  return foundIn(folder, 'sharp')
}

async function nodeFor({ arch, node, fetch = fetchPackage }: PackRequest, folder: string): Promise<string | false> {
  if (node !== undefined) return node
  if (process.platform === 'linux' && process.arch === arch) return process.execPath
  const name = `node-linux-${arch}`
  await fetch({ name: `${name}@${process.versions.node}`, folder, cpu: arch, isForeign: true })
  return join(foundIn(folder, name), 'bin/node')
}

/** Where this program was installed, or built. */
function ownFolder(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  if (existsSync(join(folder, 'dist/src/cli/main.cjs'))) return folder
  throw new LadingError('E_CONFIG', 'this program was not built', { subject: folder, hint: 'npm run build' })
}

function neededBy(home: string): Map<string, string> {
  const names = [...Object.keys(packageFacts(home).dependencies), ...WORKER_NEEDS]
  return new Map(
    names.map((name) => {
      const found = findPackage(name, home) ?? findPackage(name, process.cwd())
      if (found === undefined) throw missing(name, 'a worker on AWS needs it')
      return [name, found]
    }),
  )
}

function foundIn(folder: string, name: string): string {
  const found = findPackage(name, folder)
  if (found === undefined) throw missing(name, 'npm has not brought it')
  return found
}

async function write(
  entries: readonly TarEntry[],
  path: string,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.byteLength
      done(undefined, chunk)
    },
  })
  await pipeline(Readable.from(tar(entries)), createGzip(), measure, createWriteStream(path))
  return { sha256: hash.digest('hex'), bytes }
}
