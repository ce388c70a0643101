import type { S3Object, S3State, S3Upload } from './s3-protocol.ts'

/** Everything that a server held at a moment. Objects and uploads are values, so it costs two maps and no bytes. */
export interface Snapshot {
  readonly objects: ReadonlyMap<string, S3Object>
  readonly uploads: ReadonlyMap<string, S3Upload>
}

type Held = Pick<S3State, 'objects' | 'uploads'>

export function snapshotOf({ objects, uploads }: Held): Snapshot {
  return { objects: new Map(objects), uploads: new Map(uploads) }
}

/** Makes the server hold what it held then, and nothing else. It is no change in the sense of the mutation log. */
export function restoreTo(held: Held, snapshot: Snapshot): void {
  refill(held.objects, snapshot.objects)
  refill(held.uploads, snapshot.uploads)
}

function refill<V>(map: Map<string, V>, values: ReadonlyMap<string, V>): void {
  map.clear()
  for (const [key, value] of values) map.set(key, value)
}
