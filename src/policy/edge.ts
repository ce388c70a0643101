import { LadingError } from '../words/errors.ts'
import type { PublicUrl } from '../words/model.ts'
import type { PolicyDocument, PolicyProvider } from './document.ts'
import { cloudfrontBehavior, cloudfrontErrors, cloudfrontFunction } from './edge-cloudfront.ts'
import { nginxConfig } from './edge-nginx.ts'
import { cloudflareWorker } from './edge-worker.ts'
import type { Redirect } from './redirects.ts'

export type EdgePart = 'function' | 'errors' | 'behavior'

/** What the edge in front of a store has to know of it. */
export interface EdgeRequest {
  readonly provider: PolicyProvider
  /** @default what routes the path, where `url` is one and pages are elsewhere; else the function */
  readonly part?: EdgePart | undefined
  readonly url: PublicUrl | undefined
  /** Of the store. Empty, or ending with `/`. */
  readonly prefix: string
  /** @default `BUCKET`, for the reader to fill in */
  readonly bucket?: string | undefined
  /** Of the store, where it is not Amazon's. */
  readonly endpoint?: string | undefined
  /** Pages are in the store too, so that folders and missing files are the edge's business. */
  readonly hasPages: boolean
  readonly redirects: readonly Redirect[]
  /** URL paths of files whose names look like folders: `/CNAME`. */
  readonly files: readonly string[]
  /** URL paths of folders with an index page whose names look like files: `/docs/next.js`. */
  readonly folders: readonly string[]
  /** Asks for `KEY.br` where the browser takes brotli. */
  readonly brotli: boolean
}

/** With what follows from it. */
export interface Edge extends EdgeRequest {
  readonly bucket: string
  /** Path at which visitors see the store; starts and ends with `/`, percent-encoded. */
  readonly mount: string
}

/**
 * The edge function or configuration between visitors and the store: index pages, one address for each page, redirects,
 * the 404 page, the route from `/_a/` to the bucket. It only reads, and hides `.lading/`.
 * @throws E_USAGE for a part that the provider does not have; E_PREFIX where CloudFront would ask for keys that are not there
 */
export function edgePolicy(request: EdgeRequest): PolicyDocument {
  const edge: Edge = { ...request, bucket: request.bucket ?? 'BUCKET', mount: mountOf(request.url) }
  if (request.provider === 'aws') return awsEdge(edge)
  if (request.part !== undefined && request.part !== 'function') {
    throw new LadingError(
      'E_USAGE',
      `--part ${request.part} is for CloudFront, and the provider is ${request.provider}`,
      {
        hint: 'Leave it out: the document covers that too.',
      },
    )
  }
  if (request.provider === 'r2') return cloudflareWorker(edge)
  if (request.brotli) {
    throw new LadingError('E_USAGE', '--brotli is not made for nginx', {
      hint: 'Leave it out; nginx compresses by itself, or serves files that lie beside others with its own modules.',
    })
  }
  return nginxConfig(edge)
}

function awsEdge(edge: Edge): PolicyDocument {
  const { part = edge.url?.kind === 'path' && !edge.hasPages ? 'behavior' : 'function' } = edge
  if (edge.url?.kind === 'path') checkPrefix(edge)
  if (part === 'errors') return cloudfrontErrors(edge)
  return part === 'behavior' ? cloudfrontBehavior(edge) : cloudfrontFunction(edge)
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern */
function checkPrefix({ mount, prefix, bucket }: Edge): void {
  const expected = mount.slice(1)
  if (prefix === expected || bucket === 'BUCKET') return
  throw new LadingError('E_PREFIX', `the path ${mount} and the prefix "${prefix}" differ`, {
    why: 'CloudFront does not take the path off before it asks the bucket.',
    hint: `Write --to s3://${bucket}/${expected}`,
  })
}

function mountOf(url: PublicUrl | undefined): string {
  if (url === undefined) return '/'
  return url.kind === 'path' ? url.href : new URL(url.href).pathname
}
