import { resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import type { ResolveContext } from './asked.ts'
import type { Delivery, LadingConfig, SyncOptions } from './interface.ts'
import { doOverlap } from './places.ts'
import { NOWHERE, resolveConfig } from './resolve.ts'

/** What `rewrite` is asked besides the configuration. */
export interface RewriteRequest {
  /** Folder that receives the hashed copies. */
  readonly assets?: string | undefined
  /** Removes copies there that no page of this run names. @default false */
  readonly clean?: boolean | undefined
  /** Says what would be written, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined
}

/** Everything that names and rewrites, and no store. */
export interface RewriteOptions extends SyncOptions {
  readonly delivery: Extract<Delivery, { mode: 'offload' }>
  /** Absolute. */
  readonly assets: string
  readonly clean: boolean
  readonly dryRun: boolean
}

/**
 * The part of a configuration that concerns the site, with the two folders that are written.
 *
 * @throws what `resolveConfig` throws; E_USAGE without an address, a place for the pages or a folder for the assets
 * @throws E_OUT, E_ROOT_DANGEROUS when the folders lie inside each other
 */
export function resolveRewrite(
  input: LadingConfig,
  { assets, clean = false, dryRun = false }: RewriteRequest,
  context: ResolveContext,
): RewriteOptions {
  const dir = assetsFolder(assets, context)
  refuseIncomplete(input)
  const { delivery, ...options } = resolveConfig({ ...input, to: NOWHERE, state: undefined }, context)
  if (delivery.mode !== 'offload') throw noPlace()
  refuseOverlap(dir, options.root, 'the site')
  if (delivery.pages === 'out') refuseOverlap(dir, delivery.dir, '--out')
  return { ...options, delivery, target: { kind: 'folder', path: dir, label: dir }, assets: dir, clean, dryRun }
}

function assetsFolder(assets: string | undefined, { cwd }: ResolveContext): string {
  if (assets !== undefined && assets.trim() !== '' && !/^[a-z][a-z0-9+.-]+:/i.test(assets)) return resolve(cwd, assets)
  throw new LadingError('E_USAGE', 'rewrite needs a folder for the hashed copies', {
    subject: assets,
    why: 'It uploads nothing: what is to be uploaded is written there, with a list of addresses and headers.',
    hint: 'Add --assets cdn; or let lading sync do it all.',
  })
}

function refuseIncomplete({ url, inPlace, out }: LadingConfig): void {
  if (url === undefined) {
    throw new LadingError('E_USAGE', 'rewrite needs the public address of the assets', {
      hint: 'Add --url https://cdn.example.com/, or a path of the site such as --url /_a/.',
    })
  }
  if (!inPlace && out === undefined) throw noPlace()
}

const noPlace = (): LadingError =>
  new LadingError('E_USAGE', 'rewrite needs to know where the rewritten pages go', {
    details: [
      '--in-place   rewrite the pages where they are',
      '--out DIR    write the whole origin, pages rewritten, into DIR',
    ],
    hint: 'Add one of the two.',
  })

function refuseOverlap(assets: string, other: string, name: string): void {
  if (!doOverlap(assets, other)) return
  throw new LadingError('E_OUT', `--assets and ${name} lie inside each other`, {
    subject: assets,
    why: 'What one of them holds would be taken for a part of the other by the next run.',
    hint: 'Give each of them a folder of its own.',
  })
}
