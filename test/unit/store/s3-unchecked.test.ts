import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { bodyOf, changedBody, patternOf } from '../../contract/bodies.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { PROBED as facts, openPatient, openS3, operations, PLAIN } from './s3-setup.ts'

const CHANGED = { code: 'E_SOURCE_CHANGED', subject: 'a' }
/** Read at once, and read in pieces. */
const SIZES = [3, 3 * 2 ** 20]

let rig: StrictS3
beforeEach(async () => {
  rig = await startStrictS3({ bucket: 'site' })
})
afterEach(async () => {
  await rig.close()
  expect(rig.violations).toEqual([])
})

describe('a store that is known to refuse other bytes than were planned, and tells what it received', () => {
  it.each(SIZES)('finds that a file of %d bytes has changed: nothing is stored, nor tried again', async (size) => {
    const { store } = openPatient(rig, { learnt: { facts } })
    await store.put('first', bodyOf('x'), PLAIN)
    await expect(store.put('a', changedBody(patternOf(size)), PLAIN)).rejects.toMatchObject(CHANGED)
    expect(operations(rig)).toEqual(['PutObject', 'PutObject'])
    expect([...rig.objects().keys()]).toEqual(['first'])
  })

  it('says so in words of its own: the file has changed all the same', async () => {
    const { store } = openPatient(rig, { learnt: { facts } })
    await store.put('first', bodyOf('x'), PLAIN)
    rig.fault({ at: { op: 'PutObject' }, do: 'status:400:InvalidArgument' })
    await expect(store.put('a', changedBody('new'), PLAIN)).rejects.toMatchObject(CHANGED)
  })

  it.each(SIZES)('gets %d bytes once more that were damaged on their way', async (size) => {
    const { store, reasons } = openPatient(rig, { learnt: { facts } })
    await store.put('first', bodyOf('x'), PLAIN)
    rig.fault({ at: { op: 'PutObject' }, do: 'flip-request' })
    await store.put('a', bodyOf(patternOf(size)), PLAIN)
    expect(reasons).toHaveLength(1)
    expect(rig.objects().get('a')?.bytes.equals(patternOf(size))).toBe(true)
  })
})

describe('of a file that has changed nothing is sent', () => {
  it.each([
    ['before the store has told anything in this run', [], { facts }],
    ['where the store was not probed', ['first'], { facts: undefined }],
    ['where the store checks MD5 alone', ['first'], { facts: { ...facts, checksum: 'md5' as const } }],
  ])('%s', async (_, sent, learnt) => {
    const { store } = openPatient(rig, { learnt })
    for (const key of sent) await store.put(key, bodyOf('x'), PLAIN)
    await expect(store.put('a', changedBody('new'), PLAIN)).rejects.toMatchObject(CHANGED)
    expect(rig.requests.map(({ key }) => key)).toEqual(sent)
  })

  it('once an answer has told nothing', async () => {
    const { store } = openPatient(rig, { learnt: { facts } })
    await store.put('first', bodyOf('x'), PLAIN)
    rig.fault({ at: { op: 'PutObject' }, do: 'wrong-etag' })
    await store.put('second', bodyOf('y'), PLAIN)
    const before = rig.requests.length
    await expect(store.put('a', changedBody('new'), PLAIN)).rejects.toMatchObject(CHANGED)
    expect(rig.requests).toHaveLength(before)
  })
})

it('a store that has ceased to check takes other bytes, and the run stops there', async () => {
  let puts = 0
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    puts += 1
    const told = puts === 1 ? { 'x-amz-checksum-sha256': request.headers['x-amz-checksum-sha256'] } : {}
    response.writeHead(200, { etag: `"${createHash('md5').update(bytes).digest('hex')}"`, ...told }).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  // A server that listens on a host and port answers with an object; text is for pipes.
  const { port } = server.address() as AddressInfo
  const store = openS3(rig, { endpoint: `http://127.0.0.1:${port}`, learnt: { facts } })
  await store.put('first', bodyOf('x'), PLAIN)
  await expect(store.put('a', changedBody('new'), PLAIN)).rejects.toMatchObject(CHANGED)
  expect(puts).toBe(2)
})
