import type { Mode } from '../words/model.ts'
import { shellWord } from '../words/units.ts'
import { literal } from './template.ts'

export interface SyncRequest {
  /** @default what the configuration says */
  readonly root: string | undefined
  /** Of the store. Empty, or ending with `/`. */
  readonly prefix: string
  readonly mode: Mode
  /** The path of a mirrored site on its host; starts and ends with `/`. */
  readonly base: string
  /** The folder of rewritten pages. @default they are rewritten where they are */
  readonly out: string | undefined
  readonly cors: boolean
  /** The public address. @default the distribution's own */
  readonly url: string | undefined
  /** Of the AWS CLI's configuration. */
  readonly profile: string | undefined
  /** Where the state is, if not in the store: elsewhere in its bucket, or anywhere. */
  readonly state: { readonly prefix: string } | { readonly address: string } | undefined
}

/** The command that deploys, for `sub`: what only the finished stack knows stands in it as `${Bucket}` and the like. */
export function syncCommand(request: SyncRequest): string {
  const { root, prefix, mode, base, out, cors, url, profile, state } = request
  const store = (path: string): string => storeIn(path, profile)
  return [
    'lading sync',
    ...(root === undefined ? [] : [word(root)]),
    `--to ${store(prefix)}`,
    ...(state === undefined ? [] : [`--state ${'prefix' in state ? store(state.prefix) : word(state.address)}`]),
    ...(mode === 'mirror'
      ? base === '/'
        ? []
        : [`--base ${word(base)}`]
      : [`--url ${url === undefined ? OWN_ADDRESS : word(url)}`, PAGES[mode](out)]),
    ...(cors ? ['--cors'] : []),
    `--cdn cloudfront:\${Distribution}`,
  ].join(' ')
}

const OWN_ADDRESS = `https://\${Distribution.DomainName}/`

const PAGES: Readonly<Record<Exclude<Mode, 'mirror'>, (out: string | undefined) => string>> = {
  host: () => '--host',
  offload: (out) => (out === undefined ? '--in-place' : `--out ${word(out)}`),
}

const word = (text: string): string => literal(shellWord(text))

/** A value as an address of a store holds it, without what a shell's quotation marks would end at. */
export const parameter = (value: string): string =>
  encodeURIComponent(value).replaceAll("'", '%27').replaceAll('%3A', ':').replaceAll('%2F', '/')

/** In quotation marks, for a shell takes a `?` for a pattern. */
function storeIn(path: string, profile: string | undefined): string {
  const parameters = `?region=\${AWS::Region}${profile === undefined ? '' : `&profile=${literal(parameter(profile))}`}`
  const below = path === '' ? '' : `/${path.slice(0, -1)}`
  return `'s3://\${Bucket}${literal(below).replaceAll("'", `'\\''`)}${parameters}'`
}
