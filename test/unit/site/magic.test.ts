import { expect, it } from 'vitest'
import { magicOf } from '../../../src/site/content-type/magic.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

it.each([
  ['png', hex('89504e470d0a1a0a00')],
  ['jpeg', hex('ffd8ffe0')],
  ['gif', Buffer.from('GIF89a')],
  ['gif', Buffer.from('GIF87a')],
  ['webp', Buffer.from('RIFF\0\0\0\0WEBP')],
  ['avif', Buffer.from('\0\0\0\x1cftypavif')],
  ['ico', hex('00000100')],
  ['pdf', Buffer.from('%PDF-1.7')],
  ['gzip', hex('1f8b08')],
  ['zip', hex('504b0304')],
  ['woff2', Buffer.from('wOF2')],
  ['woff', Buffer.from('wOFF')],
  ['wasm', Buffer.from('\0asm')],
  ['utf16', hex('fffe4100')],
  ['utf16', hex('feff0041')],
  ['utf16', Buffer.from('text', 'utf16le')],
  ['utf16', Buffer.from('text', 'utf16le').swap16()],
  ['mpegts', Buffer.concat([Buffer.from('G'), Buffer.alloc(187, 1), Buffer.from('G')])],
  ['html', Buffer.from('<!DOCTYPE html>')],
  ['html', Buffer.from('\ufeff\n\t <html lang="en">')],
  ['html', Buffer.from(`${' '.repeat(245)}<html>`)],
])('tells %s by its first bytes', (magic, head) => {
  expect(magicOf(head)).toBe(magic)
})

it.each([
  ['nothing', Buffer.alloc(0)],
  ['the beginning of a signature', hex('89504e47')],
  ['a signature elsewhere', hex('00ffd8ff')],
  ['zeros alone', Buffer.alloc(64)],
  ['too little of UTF-16', Buffer.from('abc', 'utf16le')],
  ['UTF-16 with a zero too many', Buffer.from('te\0t', 'utf16le')],
  ['one packet of a stream', Buffer.concat([Buffer.from('G'), Buffer.alloc(188, 1)])],
  ['another element', Buffer.from('<htmlx>')],
  ['a page behind text', Buffer.from('x<html>')],
  ['a page behind too many blanks', Buffer.from(`${' '.repeat(256)}<html>`)],
])('takes %s for no type', (_name, head) => {
  expect(magicOf(head)).toBeUndefined()
})
