import type { StoreProfile } from './profiles.ts'

export const MIB: number = 2 ** 20
const GIB = 2 ** 30

const RCLONE = 'https://github.com/rclone/rclone/tree/master/backend/s3/provider'

/** Safe assumptions for hosts without a row. Stores on this machine use it as well. */
export const CAREFUL: StoreProfile = {
  name: 'unknown',
  host: /^/,
  addressing: 'path',
  region: 'us-east-1',
  checksum: 'md5',
  etagIsMd5: true,
  conditionalWrites: 'unknown',
  conditionalCopy: false,
  // moto and gofakes3 do not.
  conditionalSource: false,
  conditionalRemove: false,
  reheader: true,
  forgets: [],
  foldsUnicode: false,
  // Scaleway, the lowest known. https://www.scaleway.com/en/docs/object-storage/
  maxParts: 1000,
  minPartBytes: 5 * MIB,
  partsInFlight: 2,
  objectBytes: 5000 * GIB,
  sources: [],
}

/** What a row does not say comes from {@link CAREFUL}. The first row that matches counts; a probe outranks them all. */
export const ROWS: readonly StoreProfile[] = [
  {
    ...CAREFUL,
    name: 'Amazon S3',
    tools: 'aws',
    host: /(^|\.)amazonaws\.com(\.cn)?$/,
    domain: 'amazonaws.com',
    addressing: 'virtual',
    region: undefined,
    checksum: 'sha256',
    conditionalWrites: 'full',
    conditionalCopy: true,
    conditionalSource: true,
    conditionalRemove: true,
    maxParts: 10_000,
    partsInFlight: 4,
    objectBytes: 5 * 1024 * GIB,
    sources: [
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html',
    ],
  },
  {
    ...CAREFUL,
    name: 'Cloudflare R2',
    tools: 'r2',
    host: /(^|\.)r2\.cloudflarestorage\.com$/,
    domain: 'r2.cloudflarestorage.com',
    region: 'auto',
    conditionalWrites: 'full',
    conditionalSource: true,
    // For targets of copies it has its own cf-copy-destination-if-* headers instead.
    foldsUnicode: true,
    maxParts: 10_000,
    objectBytes: 4.995 * 1024 * GIB,
    sources: [
      'https://developers.cloudflare.com/r2/api/s3/api/',
      'https://developers.cloudflare.com/r2/reference/unicode-interoperability/',
      'https://developers.cloudflare.com/r2/platform/limits/',
    ],
  },
  {
    ...CAREFUL,
    name: 'MinIO',
    tools: 'minio',
    // MinIO runs under any host; this finds the ones that say so, the others get CAREFUL.
    host: /(^|[.-])minio([.-]|$)/,
    checksum: 'sha256',
    conditionalWrites: 'full',
    conditionalSource: true,
    maxParts: 10_000,
    partsInFlight: 4,
    sources: ['https://docs.min.io/enterprise/aistor-object-store/developers/s3-api-compatibility'],
  },
  {
    ...CAREFUL,
    name: 'Backblaze B2',
    host: /(^|\.)s3\.(?<region>[a-z0-9-]+)\.backblazeb2\.com$/,
    domain: 'backblazeb2.com',
    sources: [
      'https://www.backblaze.com/docs/cloud-storage-s3-compatible-api',
      'https://backblaze.com/docs/cloud-storage-rate-limits',
    ],
  },
  {
    ...CAREFUL,
    name: 'Google Cloud Storage',
    host: /(^|\.)storage\.googleapis\.com$/,
    domain: 'storage.googleapis.com',
    region: 'auto',
    sources: ['https://github.com/apache/opendal/issues/7889', `${RCLONE}/GCS.yaml`],
  },
  {
    ...CAREFUL,
    name: 'DigitalOcean Spaces',
    host: /(^|\.)digitaloceanspaces\.com$/,
    domain: 'digitaloceanspaces.com',
    addressing: 'virtual',
    sources: ['https://docs.digitalocean.com/products/spaces/details/limits/'],
  },
  {
    ...CAREFUL,
    name: 'Wasabi',
    host: /(^|\.)s3\.((?<region>[a-z0-9-]+)\.)?wasabisys\.com$/,
    domain: 'wasabisys.com',
    sources: [`${RCLONE}/Wasabi.yaml`],
  },
  {
    ...CAREFUL,
    name: 'Scaleway',
    host: /(^|\.)s3\.(?<region>[a-z0-9-]+)\.scw\.cloud$/,
    domain: 'scw.cloud',
    conditionalWrites: 'full',
    sources: ['https://www.scaleway.com/en/docs/object-storage/api-cli/using-conditional-writes/'],
  },
  {
    ...CAREFUL,
    name: 'Hetzner',
    host: /(^|\.)(?<region>[a-z0-9-]+)\.your-objectstorage\.com$/,
    domain: 'your-objectstorage.com',
    sources: [`${RCLONE}/Hetzner.yaml`],
  },
  {
    ...CAREFUL,
    name: 'Alibaba OSS',
    host: /(^|\.)oss-(?<region>[a-z0-9-]+)\.aliyuncs\.com$/,
    domain: 'aliyuncs.com',
    addressing: 'virtual',
    // 501; it has x-oss-forbid-overwrite instead.
    conditionalWrites: 'none',
    sources: ['https://github.com/tobi/walgit/issues/67', `${RCLONE}/Alibaba.yaml`],
  },
  {
    ...CAREFUL,
    name: 'Tencent COS',
    host: /(^|\.)cos\.(?<region>[a-z0-9-]+)\.myqcloud\.com$/,
    domain: 'myqcloud.com',
    // It has x-cos-forbid-overwrite instead.
    conditionalWrites: 'none',
    sources: ['https://github.com/gaul/undocumented-s3-apis/issues/4'],
  },
  {
    ...CAREFUL,
    name: 'Storj',
    host: /(^|\.)storjshare\.io$/,
    domain: 'storjshare.io',
    minPartBytes: 64 * MIB,
    sources: [`${RCLONE}/Storj.yaml`],
  },
  {
    ...CAREFUL,
    name: 'Tigris',
    host: /(^|\.)(fly\.storage\.tigris\.dev|t3\.storage\.dev)$/,
    domain: 't3.storage.dev',
    region: 'auto',
    sources: [RCLONE],
  },
  {
    ...CAREFUL,
    name: 'Supabase',
    host: /(^|\.)supabase\.co$/,
    domain: 'supabase.co',
    sources: [RCLONE],
  },
]
