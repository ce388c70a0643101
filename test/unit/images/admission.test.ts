import { expect, it } from 'vitest'
import { createAdmission } from '../../../src/images/admission.ts'
import { availableMemory } from '../../../src/images/memory.ts'

it('lets in what fits, in order, and what is larger than all the room alone', async () => {
  const { enter } = createAdmission(1200) // a hundred pixels
  const inside: string[] = []
  const come = async (name: string, pixels: number) => {
    const leave = await enter(pixels)
    inside.push(name)
    return leave
  }
  const [first, second] = [await come('first', 60), await come('second', 40)]
  const huge = come('huge', 500)
  const small = come('small', 1)
  first()
  first() // leaves once
  expect(inside).toEqual(['first', 'second'])
  second()
  const leaveHuge = await huge
  expect(inside).toEqual(['first', 'second', 'huge'])
  leaveHuge()
  await small
  expect(inside).toEqual(['first', 'second', 'huge', 'small'])
})

it('lets nobody in after a stop', async () => {
  await expect(createAdmission().enter(1, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

it.each([
  ['the machine’s where nothing limits it', 0, 64],
  ['what a container may take', 2, 2],
  ['the machine’s when the limit says more than there is', 2 ** 53, 64],
])('the memory for images is %s', (_, limit, expected) => {
  expect(availableMemory(64, limit)).toBe(expected)
})
