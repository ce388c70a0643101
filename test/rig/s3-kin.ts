import type { Kin } from './s3-kin-traits.ts'

export type KinName =
  | 'aws'
  | 'r2'
  | 'b2'
  | 'gcs'
  | 'minio'
  | 'ceph'
  | 'spaces'
  | 'wasabi'
  | 'scaleway'
  | 'hetzner'
  | 'oss'
  | 'cos'
  | 'storj'
  | 'deaf'
  | 'plain501'

const MIB = 2 ** 20

const CHECKSUMS = /^x-amz-(checksum-|sdk-checksum-algorithm$)/

const AWS: Kin = {
  simulated: true,
  title: 'Amazon S3',
  sources: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html',
  ],
  create: 'honoured',
  replace: 'honoured',
  copy: 'honoured',
  remove: 'honoured',
  listEncoding: 'honoured',
  foldsUnicode: false,
  metadataBytes: 2048,
  maxParts: 10_000,
  minPartBytes: 5 * MIB,
  equalParts: false,
  etag: 'md5',
  multipartEtag: 'md5-of-md5s',
  onReplace: 'drops',
  forgets: [],
  uploadsFoundBy: 'prefix',
  listingLagMs: 0,
}

/** A server that came to conditions late: those of PUT count, the others are not looked at. */
const PUT_ONLY = { copy: 'ignored', remove: 'ignored' } as const

const DEAF = { create: 'ignored', replace: 'ignored', ...PUT_ONLY } as const

/** What is known of the kin of S3, with guesses where nothing is: it shows what our code does then, not what they do. */
export const KIN: Readonly<Record<KinName, Kin>> = {
  aws: AWS,
  r2: {
    ...AWS,
    ...PUT_ONLY,
    title: 'Cloudflare R2',
    sources: [
      'https://developers.cloudflare.com/r2/api/s3/api/',
      'https://developers.cloudflare.com/r2/platform/limits/',
      'https://developers.cloudflare.com/r2/reference/unicode-interoperability/',
    ],
    guess: 'If-Match of a removal is not documented: ignored',
    refuses: { headers: /^x-amz-checksum-crc32$/, status: 501 },
    foldsUnicode: true,
    pace: { writes: 1, perMs: 1000 },
    metadataBytes: 8192,
    equalParts: true,
    multipartEtag: 'random',
  },
  b2: {
    ...AWS,
    ...DEAF,
    title: 'Backblaze B2',
    sources: [
      'https://www.backblaze.com/docs/cloud-storage-s3-compatible-api',
      'https://github.com/nocobase/nocobase/issues/6872',
    ],
    guess:
      'whether it looks at conditions is not documented: ignored; the checksum headers are met as before July 2025',
    refuses: { headers: CHECKSUMS, status: 400 },
  },
  gcs: {
    ...AWS,
    ...DEAF,
    title: 'Google Cloud Storage, XML interface',
    sources: [
      'https://github.com/apache/opendal/issues/7889',
      'https://github.com/rclone/rclone/blob/master/backend/s3/provider/GCS.yaml',
    ],
    guess: 'conditions by ETag are not documented: ignored',
    pace: { writes: 1, perMs: 1000 },
  },
  minio: {
    ...AWS,
    ...PUT_ONLY,
    title: 'MinIO',
    sources: ['https://docs.min.io/enterprise/aistor-object-store/developers/s3-api-compatibility'],
    guess: 'conditions of copies and removals are not documented: ignored',
    uploadsFoundBy: 'key',
  },
  ceph: {
    ...AWS,
    ...PUT_ONLY,
    title: 'Ceph RGW',
    sources: [
      'https://docs.ceph.com/en/latest/radosgw/s3/',
      'https://github.com/ceph/s3-tests/pull/671',
      'https://github.com/rclone/rclone/blob/master/backend/s3/provider/Ceph.yaml',
    ],
    guess: 'a newer release, which looks at the conditions of PUT',
    listEncoding: 'ignored',
  },
  spaces: {
    ...AWS,
    ...DEAF,
    title: 'DigitalOcean Spaces',
    sources: ['https://docs.digitalocean.com/products/spaces/details/limits/'],
    guess: 'conditions are not documented: ignored',
    listEncoding: 'ignored',
    pace: { writes: 5, perMs: 300_000 },
  },
  wasabi: {
    ...AWS,
    ...DEAF,
    title: 'Wasabi',
    sources: ['https://github.com/rclone/rclone/blob/master/backend/s3/provider/Wasabi.yaml'],
    guess: 'conditions are not documented: ignored',
  },
  scaleway: {
    ...AWS,
    ...PUT_ONLY,
    title: 'Scaleway',
    sources: ['https://www.scaleway.com/en/docs/object-storage/api-cli/using-conditional-writes/'],
    guess: 'conditions of copies and removals are not documented: ignored',
    maxParts: 1000,
  },
  hetzner: {
    ...AWS,
    ...PUT_ONLY,
    title: 'Hetzner Object Storage',
    sources: ['https://github.com/rclone/rclone/blob/master/backend/s3/provider/Hetzner.yaml'],
    guess: 'one of the Ceph family: takes the conditions of PUT',
    refuses: { headers: CHECKSUMS, status: 400 },
    listEncoding: 'ignored',
  },
  oss: {
    ...AWS,
    title: 'Alibaba Cloud OSS',
    sources: [
      'https://github.com/tobi/walgit/issues/67',
      'https://github.com/rclone/rclone/blob/master/backend/s3/provider/Alibaba.yaml',
    ],
    guess: 'conditions of copies and removals as those of PUT',
    create: 501,
    replace: 501,
    copy: 501,
    remove: 501,
    multipartEtag: 'random',
  },
  cos: {
    ...AWS,
    ...DEAF,
    title: 'Tencent COS',
    sources: [
      'https://github.com/gaul/undocumented-s3-apis/issues/4',
      'https://github.com/rclone/rclone/blob/master/backend/s3/provider/TencentCOS.yaml',
    ],
    guess: 'it has a header of its own, x-cos-forbid-overwrite; those of S3 are ignored',
    multipartEtag: 'random',
  },
  storj: {
    ...AWS,
    ...PUT_ONLY,
    title: 'Storj',
    sources: ['https://github.com/rclone/rclone/blob/master/backend/s3/provider/Storj.yaml'],
    guess: 'creates under a condition, cannot replace under one',
    replace: 501,
    minPartBytes: 64 * MIB,
  },
  deaf: {
    ...AWS,
    ...DEAF,
    title: 'a server that ignores every condition',
    sources: ['https://github.com/pithings/mountx/issues/19'],
  },
  plain501: {
    ...AWS,
    title: 'a server that answers 501 to every condition',
    sources: ['https://github.com/tobi/walgit/issues/67'],
    create: 501,
    replace: 501,
    copy: 501,
    remove: 501,
  },
}
