import { describe, expect, it } from 'vitest'
import { encodeMessage, type Opened, openMessage, type Place } from '../../../src/batch/plan/messages.ts'
import { createSigner, createVerifier, newKeyPair } from '../../../src/batch/plan/signing.ts'
import { canonicalJson } from '../../../src/images/plan/canonical.ts'
import { BATCH, command, imageJob, newKeys } from '../../rig/batch-messages.ts'

const { signer, verify, publicKey } = newKeys()
const STD: Place = { kind: 'lane', lane: 'std' }
const JOB = imageJob(421)
const COMMAND = command('i-0abc', Date.UTC(2026, 10, 23), { verb: 'drain' })
const ASSEMBLE = { v: 1, kind: 'assemble', batch: BATCH, shard: '0007' } as const

const open = (text: string, place: Place = STD): Opened => openMessage(text, verify, place)
/** Signed, whatever it is: as if somebody with the key had made a mistake. */
const signed = (message: object): string => signer.sign(message)

describe('messages', () => {
  it.each([
    [JOB, STD],
    [ASSEMBLE, { kind: 'assembly' }],
    [COMMAND, { kind: 'control', instance: 'i-0abc' }],
    [
      { ...COMMAND, verb: 'concurrency', slots: 4 },
      { kind: 'control', instance: 'i-0abc' },
    ],
    [
      { ...COMMAND, verb: 'cancel', batch: BATCH },
      { kind: 'control', instance: 'i-0abc' },
    ],
  ] as const)('arrive as they were sent: %o', (message, place) => {
    expect(open(encodeMessage(message, signer), place)).toEqual({ status: 'ours', message })
  })

  it('are one text, in whatever order their parts were written', () => {
    const shuffled = Object.fromEntries(Object.entries(JOB).reverse())
    expect(signed(shuffled)).toBe(signed(JOB))
    expect(open(JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(signed(JOB))).reverse())))).toMatchObject({
      status: 'ours',
    })
  })

  it('stay far below what a queue takes', () => {
    const widest = imageJob(999, { batch: 'x'.repeat(64), recipe: `r9999-${'f'.repeat(12)}`, predicted: 1 / 3 })
    expect(Buffer.byteLength(encodeMessage(widest, signer))).toBeLessThan(1024)
  })

  it('of a later version are nobody’s to throw away, if they are signed', () => {
    expect(open(signed({ ...JOB, v: 2, more: { of: ['it'] } }))).toEqual({ status: 'newer', version: 2 })
    expect(open(JSON.stringify({ ...JOB, v: 2 }))).toMatchObject({ status: 'foreign' })
  })

  it('without the keys’ owner are foreign', () => {
    const stranger = newKeys()
    const text = JSON.parse(signed(JOB))
    expect(open(JSON.stringify(JOB))).toEqual({ status: 'foreign', reason: 'it is not signed' })
    expect(open(encodeMessage(JOB, stranger.signer))).toMatchObject({
      reason: expect.stringContaining('not known here'),
    })
    expect(open(JSON.stringify({ ...text, predicted: 0.1 }))).toMatchObject({
      reason: 'its signature is not right',
    })
    const relabelled = { ...JSON.parse(encodeMessage(JOB, stranger.signer)), key: signer.keyId }
    expect(open(JSON.stringify(relabelled))).toMatchObject({ reason: 'its signature is not right' })
    for (const sig of ['', 'AAAA', 'x'.repeat(86), null, 7]) {
      expect(open(JSON.stringify({ ...text, sig }))).toMatchObject({ status: 'foreign' })
    }
  })

  it('signed for one queue are foreign in another', () => {
    const text = encodeMessage(JOB, signer)
    expect(open(text, { kind: 'lane', lane: 'hi' })).toEqual({
      status: 'foreign',
      reason: 'it belongs to the lane std',
    })
    expect(open(text, { kind: 'assembly' })).toMatchObject({ status: 'foreign' })
    expect(open(encodeMessage(ASSEMBLE, signer))).toMatchObject({ reason: 'it belongs to the assembly' })
    const elsewhere: Place = { kind: 'control', instance: 'i-other' }
    expect(open(encodeMessage(COMMAND, signer), elsewhere)).toMatchObject({ reason: 'it is for the instance i-0abc' })
  })

  it.each([
    ['a source elsewhere', { src: { ...JOB.src, key: 'v/ab/x/op-640.avif' } }],
    ['a source of another digest', { src: { ...JOB.src, sha256: 'f'.repeat(64) } }],
    ['a source above the store', { src: { ...JOB.src, key: '../o/ab/x.jpg' } }],
    ['a width that is none', { src: { ...JOB.src, width: -1 } }],
    ['a width beyond all formats', { src: { ...JOB.src, width: 1e12 } }],
    ['a part of a pixel', { src: { ...JOB.src, height: 1.5 } }],
    ['a batch that leaves its folder', { batch: '../x' }],
    ['an item that is none', { item: '7-1' }],
    ['a lane that there is not', { lane: 'express' }],
    ['a recipe by another name', { recipe: 'web' }],
    ['a prediction below nothing', { predicted: -1 }],
    ['a deadline that is no moment', { deadline: 'tomorrow' }],
    ['something that nobody asked for', { dst: 'index.html' }],
    ['operations of its own', { ops: [{ width: 1e9 }] }],
    ['no kind', { kind: undefined }],
    ['a kind of every object', { kind: 'toString' }],
    ['a version that is none', { v: '1' }],
  ])('with %s are foreign although they are signed', (_what, change) => {
    expect(open(signed({ ...JOB, ...change }))).toMatchObject({ status: 'foreign', reason: expect.stringMatching(/./) })
  })

  it.each([{ verb: 'reboot' }, { verb: 'drain; rm -rf /' }, { verb: 'concurrency', slots: 0 }, { verb: 'cancel' }])(
    'are no commands with %o',
    (change) => {
      const place: Place = { kind: 'control', instance: 'i-0abc' }
      expect(open(signed({ ...COMMAND, ...change }), place)).toMatchObject({ status: 'foreign' })
    },
  )
})

describe('a canonical text', () => {
  it('has one form', () => {
    expect(canonicalJson({ b: [1, -0, 1e21, 'ü"'], a: { z: null, y: true } })).toBe(
      '{"a":{"y":true,"z":null},"b":[1,0,1e+21,"ü\\""]}',
    )
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 1])('is not made of %s', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError)
  })
})

describe('keys', () => {
  it('that are none are refused, and not repeated', () => {
    const rsa = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----'
    for (const make of [() => createSigner(rsa), () => createVerifier(['c2VjcmV0']), () => createVerifier([''])]) {
      expect(make).toThrow(expect.objectContaining({ code: 'E_CONFIG', message: expect.not.stringContaining('c2Vj') }))
    }
  })

  it('may be two while they are being exchanged', () => {
    const next = newKeyPair()
    const both = createVerifier([publicKey, next.publicKey])
    expect(openMessage(encodeMessage(JOB, signer), both, STD).status).toBe('ours')
    expect(openMessage(encodeMessage(JOB, createSigner(next.privateKey)), both, STD).status).toBe('ours')
  })
})
