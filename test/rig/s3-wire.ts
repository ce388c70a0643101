import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Delivery, Reading } from './s3-fault-effects.ts'
import type { S3Answer, S3Call } from './s3-protocol.ts'

/** How often a slow line moves a little. */
const TICK_MS = 50

/** The body of a request; `undefined` when there is none to answer: the client is gone, or is not listened to. */
export async function readBody(incoming: IncomingMessage, reading: Reading): Promise<Buffer | undefined> {
  if (reading === 'never') {
    incoming.pause()
    return undefined
  }
  const chunks: Buffer[] = []
  const enough = reading === 'half' ? Number(incoming.headers['content-length'] ?? 0) / 2 : Number.POSITIVE_INFINITY
  let bytes = 0
  try {
    for await (const chunk of incoming) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= enough) break
      if (typeof reading === 'object')
        await delay((chunk.length / reading.bytesPerSecond) * 1000, undefined, { ref: false })
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

export interface Parcel {
  readonly call: S3Call
  readonly answer: S3Answer
  readonly delivery: Delivery
  /** Done between the first half of the answer and what comes then. */
  readonly midway?: () => unknown
}

/** Sends an answer, and resolves when it is out of our hands. */
export async function deliver(outgoing: ServerResponse, parcel: Parcel): Promise<void> {
  const { delivery } = parcel
  // A client that is gone is no matter here.
  outgoing.on('error', () => undefined)
  if (delivery === 'stall') return
  if (delivery === 'reset') {
    outgoing.socket?.resetAndDestroy()
    return
  }
  if (delivery === 'half' && bodyOf(parcel).byteLength === 0) return deliverHalfHead(outgoing, parcel)
  outgoing.writeHead(parcel.answer.status, { 'x-amz-request-id': String(parcel.call.number), ...headersOf(parcel) })
  if (delivery === 'headers') outgoing.flushHeaders()
  else if (typeof delivery === 'object') await deliverSlowly(outgoing, bodyOf(parcel), delivery.bytesPerSecond)
  else if (delivery === 'whole') await ended(outgoing, bodyOf(parcel))
  else await deliverHalves(outgoing, parcel)
}

async function deliverHalves(outgoing: ServerResponse, parcel: Parcel): Promise<void> {
  const bytes = bodyOf(parcel)
  const middle = bytes.byteLength >> 1
  await written(outgoing, bytes.subarray(0, middle))
  await parcel.midway?.()
  if (parcel.delivery === 'halves') await ended(outgoing, bytes.subarray(middle))
  else outgoing.destroy()
}

/** An answer without a body is broken off within its headers. */
async function deliverHalfHead(outgoing: ServerResponse, { answer, midway }: Parcel): Promise<void> {
  const { socket } = outgoing
  await new Promise((resolve) => socket?.write(`HTTP/1.1 ${answer.status} Half\r\nx-amz-request-`, resolve))
  await midway?.()
  socket?.destroy()
}

async function deliverSlowly(outgoing: ServerResponse, bytes: Buffer, bytesPerSecond: number): Promise<void> {
  outgoing.flushHeaders()
  const step = Math.max(1, Math.round((bytesPerSecond * TICK_MS) / 1000))
  const tickMs = (step / bytesPerSecond) * 1000
  for (let at = 0; at < bytes.byteLength && !outgoing.destroyed; at += step) {
    outgoing.write(bytes.subarray(at, at + step))
    await delay(tickMs, undefined, { ref: false })
  }
  await ended(outgoing, Buffer.alloc(0))
}

/** A cut answer has to say how long it would have been. */
function headersOf(parcel: Parcel): Record<string, string> {
  const { answer, delivery } = parcel
  const length = bodyOf(parcel).byteLength
  const isCut = (delivery === 'half' || delivery === 'halves') && length > 0
  return { ...answer.headers, ...(isCut && { 'content-length': String(length) }) }
}

function bodyOf({ call, answer }: Parcel): Buffer {
  return call.method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(answer.body ?? '')
}

function written(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => outgoing.write(bytes, () => resolve()))
}

/** Until the system has it all, or the client is gone. */
function ended(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once('close', resolve)
    outgoing.end(bytes, () => resolve())
  })
}
