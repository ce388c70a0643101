import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { WireSetup } from '../setup.ts'
import { encodedPath } from './sign.ts'

/** Where a bucket's requests go. */
export interface Place {
  /** `https://host` or `http://host:port`. */
  readonly origin: URL
  /** The `Host` header; with virtual addressing the bucket is a part of it. */
  readonly host: string
  /** Of the bucket; `''` with virtual addressing. */
  readonly path: string
}

/**
 * What only the SDK can address: ARNs, access points, Outposts and directory buckets; FIPS, dual-stack and configured
 * endpoints. They are rare, and its table of endpoints is 60 kB.
 */
export function isForSdk({ options, endpoint }: WireSetup): boolean {
  if (/^arn:|--xa?-s3$|-s3alias$|--op-s3$/.test(options.bucket)) return true
  return (
    endpoint === undefined && (isOn('AWS_USE_FIPS_ENDPOINT') || isOn('AWS_USE_DUALSTACK_ENDPOINT') || isConfigured())
  )
}

/** For the region; Amazon's where no endpoint is named. `undefined` for a region that is not in its main partitions. */
export function placeOf({ options, endpoint, isPathStyle }: WireSetup, region: string): Place | undefined {
  const { bucket } = options
  const origin = endpoint ?? amazon(region)
  if (origin === undefined) return undefined
  const base = origin.pathname.replace(/\/+$/, '')
  const isVirtual = !isPathStyle && isHostLabel(bucket) && isIP(origin.hostname.replace(/^\[|\]$/g, '')) === 0
  if (!isVirtual) return { origin, host: origin.host, path: `${base}/${encodedPath(bucket)}` }
  const host = `${bucket}.${origin.host}`
  return { origin: new URL(`${origin.protocol}//${host}`), host, path: base }
}

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
function amazon(region: string): URL | undefined {
  if (!/^(?:[a-z]{2}|us-gov)-[a-z]+-\d+$/.test(region)) return undefined
  return new URL(`https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
}

function isHostLabel(bucket: string): boolean {
  return /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(bucket)
}

/** In the process's own environment, where the SDK reads it. */
function isOn(name: string): boolean {
  return process.env[name] === 'true'
}

function isConfigured(): boolean {
  const file = process.env.AWS_CONFIG_FILE ?? join(homedir(), '.aws', 'config')
  try {
    return /^\s*(endpoint_url|services|use_fips_endpoint|use_dualstack_endpoint)\s*=/m.test(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}
