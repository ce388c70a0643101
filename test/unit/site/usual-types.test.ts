import { lookup } from 'mime-types'
import { expect, it } from 'vitest'
import { contentTypeOf } from '../../../src/site/content-type/content-type.ts'
import { USUAL_TYPES } from '../../../src/site/content-type/usual-types.ts'

it.each([...USUAL_TYPES.keys()])('.%s has the type that mime-types gives it', (extension) => {
  expect(USUAL_TYPES.get(extension)).toBe(lookup(extension))
})

it('asks mime-types for what is not usual, and says when nobody knows', () => {
  const facts = { utf8: false, magic: undefined, variant: undefined }
  expect(contentTypeOf('a.epub', facts)).toMatchObject({ value: 'application/epub+zip', known: true })
  expect(contentTypeOf('a.nobody', facts)).toMatchObject({ value: 'application/octet-stream', known: false })
})
