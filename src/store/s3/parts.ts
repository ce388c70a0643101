import { createHash } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import type { Key } from '../../words/model.ts'
import { piecesOf } from '../body-reader.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { notS3 } from './errors.ts'
import { etagOf } from './objects.ts'
import { ACTION, checksumFields, digestOf, notWhatWasSent, provedBy, type S3Put } from './proof.ts'
import { hasPart, type Resumable } from './resume.ts'

export interface Upload {
  readonly bucket: Bucket
  readonly put: S3Put
  readonly id: string
  /** Of every part but the last. */
  readonly partBytes: number
  /** What it had before we resumed it. */
  readonly before: Resumable | undefined
}

export interface SentPart extends CompletedPart {
  readonly md5: string
}

/** Reads the parts in order, sends a few at once, and skips those that are there already. */
export async function sendParts(upload: Upload): Promise<SentPart[]> {
  const { bucket, put, partBytes } = upload
  const sent: Promise<SentPart>[] = []
  const busy = new Set<Promise<void>>()
  let hasFailed = false
  try {
    for await (const bytes of piecesOf(put.key, put.body, { pieceBytes: partBytes, signal: put.condition?.signal })) {
      const part = ensurePart(upload, { number: sent.length + 1, bytes })
      sent.push(part)
      // Never rejects: a part may fail while the next piece is being read, when nothing awaits it.
      const lane: Promise<void> = part
        .then(
          () => undefined,
          () => {
            hasFailed = true
          },
        )
        .then(() => void busy.delete(lane))
      busy.add(lane)
      if (busy.size >= bucket.profile.partsInFlight) await Promise.race(busy)
      if (hasFailed) break
    }
    return await Promise.all(sent)
  } finally {
    // Parts in flight must have ended before the upload can be aborted.
    await Promise.all(busy)
  }
}

interface Piece {
  /** Counted from 1. */
  readonly number: number
  readonly bytes: Uint8Array
}

async function ensurePart(upload: Upload, piece: Piece): Promise<SentPart> {
  const { bucket, before } = upload
  if (!(before && hasPart(bucket, before, piece))) return sendPart(upload, piece)
  const { ETag, ChecksumSHA256 } = before.parts.get(piece.number) ?? {}
  return { PartNumber: piece.number, ETag, ChecksumSHA256, md5: digestOf('md5', piece.bytes, 'hex') }
}

async function sendPart({ bucket, put, id }: Upload, { number, bytes }: Piece): Promise<SentPart> {
  const { key, condition } = put
  const { signal, guard } = condition ?? {}
  const request = { action: ACTION, key, signal, guard, bytes: bytes.byteLength }
  const hashed = { bytes, sha256: digestOf('sha256', bytes, 'hex') }
  const checksums = checksumFields(bucket, hashed)
  const answer = await ask(bucket, request, (call) =>
    call('UploadPart', {
      Bucket: bucket.name,
      Key: key,
      UploadId: id,
      PartNumber: number,
      Body: bytes,
      sha256: hashed.sha256,
      ContentLength: bytes.byteLength,
      ...checksums,
    }),
  )
  const etag = etagOf(answer.ETag)
  if (etag === undefined) throw notS3({ ...request, bucket: bucket.name }, 'a part has no ETag')
  // A part's ETag need not be its MD5; the whole object is verified in the end.
  provedBy(answer, { ...hashed, sent: checksums }, { bucket, key })
  const { ChecksumSHA256 } = checksums
  return { PartNumber: number, ETag: answer.ETag, ChecksumSHA256, md5: digestOf('md5', bytes, 'hex') }
}

/** By S3's composite checksum: that of the parts' checksums, with their number behind it. */
export function provedByParts(key: Key, checksum: string | undefined, parts: readonly SentPart[]): boolean {
  if (checksum === undefined || !checksum.includes('-')) return false
  const all = Buffer.concat(parts.map(({ ChecksumSHA256 = '' }) => Buffer.from(ChecksumSHA256, 'base64')))
  if (checksum === `${digestOf('sha256', all, 'base64')}-${parts.length}`) return true
  throw notWhatWasSent(key, "the store's checksum of the parts is another one")
}

export function etagOfParts(parts: readonly SentPart[]): string {
  const hash = createHash('md5')
  for (const { md5 } of parts) hash.update(md5, 'hex')
  return `${hash.digest('hex')}-${parts.length}`
}
