/** A promise of the port that a server does not let us keep, and that the adapter cannot make up for. */
export interface Difference {
  /** A program's name. */
  readonly server: string
  /** The contract's sentence. */
  readonly promise: string
  /** What the server does instead. */
  readonly reason: string
  /** Part of the failure's message. */
  readonly shows: string
  /** Where it shows; by default always. */
  readonly only?: readonly Stance[]
}

/** What a store takes for granted of a server, as the names of the tests say it. */
export type Stance = 'met with care' | 'taken for Amazon' | 'known as what it is' | 'as a probe found it'

const REFUSED = 'the store refused s3:PutObject'
const REMOVES = 'DeleteObject does not look at If-Match'
const COPIES = 'CopyObject does not look at x-amz-copy-source-if-match'
const FORGOTTEN = 'it stores neither Cache-Control nor Content-Language, and says 200'

const DIFFERENCES: readonly Difference[] = [
  {
    server: 'versitygw',
    promise: 'replace all old ones and leave the bytes',
    reason: 'a copy onto itself with REPLACE leaves the headers that are not said again',
    shows: 'was not stored as it was sent',
    only: ['met with care', 'taken for Amazon'],
  },
  {
    server: 'versitygw',
    promise: 'takes what it names and nothing else',
    reason: 'objects are files, so that "a" and "a/b" do not fit beside each other',
    shows: REFUSED,
  },
  {
    server: 'versitygw',
    promise: 'take a folder and not what begins like it',
    reason: 'objects are files, so that "img" and "img/a" do not fit beside each other',
    shows: REFUSED,
  },
  {
    server: 'versitygw',
    promise: 'with odd names stay apart and come back as they are',
    reason: 'the same, and a segment may have 255 bytes',
    shows: REFUSED,
  },
  {
    server: 'versitygw',
    promise: 'may have as many bytes as the store says, and no more',
    reason: 'a segment may have 255 bytes',
    shows: REFUSED,
  },
  {
    server: 'minio',
    promise: 'take a folder and not what begins like it',
    reason: 'an object "img" hides "img/a" from every listing; a GET of "img/a" still finds it',
    shows: 'expected [] to deeply equal',
  },
  {
    server: 'minio',
    promise: 'with odd names stay apart and come back as they are',
    reason: 'the same, and a segment may have 255 bytes',
    shows: REFUSED,
  },
  {
    server: 'minio',
    promise: 'may have as many bytes as the store says, and no more',
    reason: 'a segment may have 255 bytes',
    shows: REFUSED,
  },
  {
    server: 'minio',
    promise: 'takes those that have the ETag, and gives back those that have another',
    reason: REMOVES,
    shows: 'expected [] to deeply equal',
    only: ['taken for Amazon'],
  },
  {
    server: 'minio',
    promise: 'uploads that a dead writer left are swept, below a folder and everywhere',
    reason:
      'it lists uploads of everything or of one whole key, but none of a folder; it gives them up itself, in a day',
    shows: 'expected +0 to be 2',
  },
  { server: 'gofakes3', promise: 'come back as they were put', reason: FORGOTTEN, shows: 'to deeply equal' },
  {
    server: 'gofakes3',
    promise: 'have the bytes, the headers and the digest',
    reason: FORGOTTEN,
    shows: 'to match object',
  },
  {
    server: 'gofakes3',
    promise: 'replace all old ones and leave the bytes',
    reason: FORGOTTEN,
    shows: 'to deeply equal',
  },
  {
    server: 'gofakes3',
    promise: 'may have headers of its own, with the same digest',
    reason: 'CopyObject with REPLACE keeps the headers that are not said again',
    shows: 'was not stored as it was sent',
    only: ['met with care', 'taken for Amazon'],
  },
  {
    server: 'gofakes3',
    promise: 'is proved for a body in parts as well',
    reason: 'CompleteMultipartUpload answers with an ETag that the object does not have',
    shows: "to match object { status: 'stored' }",
    only: ['met with care', 'as a probe found it'],
  },
  {
    server: 'gofakes3',
    promise: 'is proved for a body in parts as well',
    reason: 'the same',
    shows: 'changed while it was being copied',
    only: ['taken for Amazon'],
  },
  {
    server: 'gofakes3',
    promise: 'is not made of another one, nor of nothing',
    reason: COPIES,
    shows: 'changed while it was being copied',
    only: ['taken for Amazon'],
  },
  {
    server: 'gofakes3',
    promise: 'takes those that have the ETag, and gives back those that have another',
    reason: REMOVES,
    shows: 'expected [] to deeply equal',
    only: ['taken for Amazon'],
  },
  {
    server: 'moto',
    promise: 'is not made of another one, nor of nothing',
    reason: COPIES,
    shows: 'changed while it was being copied',
    only: ['taken for Amazon'],
  },
]

export function differenceOf(
  { name }: { readonly name: string },
  stance: Stance,
  promise: string,
): Difference | undefined {
  return DIFFERENCES.find(
    (known) => known.server === name && known.promise === promise && (known.only?.includes(stance) ?? true),
  )
}
