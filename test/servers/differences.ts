/** A promise of the port that a server does not let us keep, and that the adapter cannot make up for. */
export interface Difference {
  /** A program's name. */
  readonly server: string
  /** The contract's sentence. */
  readonly promise: string
  /** What the server does instead. */
  readonly reason: string
  /** Part of the failure's message; absent where it shows by chance only, and nothing can be asserted. */
  readonly shows?: string
}

const REFUSED = 'the store refused s3:PutObject'
const FORGOTTEN = 'it stores neither Cache-Control nor Content-Language, and says 200'

const DIFFERENCES: readonly Difference[] = [
  {
    server: 'versitygw',
    promise: 'replace all old ones and leave the bytes',
    reason: 'a copy onto itself with REPLACE leaves the headers that are not said again',
    shows: 'was not stored as it was sent',
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
]

export function differenceOf({ name }: { readonly name: string }, promise: string): Difference | undefined {
  return DIFFERENCES.find((known) => known.server === name && known.promise === promise)
}
