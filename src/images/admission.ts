import { availableMemory } from './memory.ts'

/** What a pixel takes while it is decoded, shrunk and encoded, in bytes. */
const BYTES_PER_PIXEL = 12
/** The share of the machine's memory that images may take together. */
const SHARE = 0.6

/** Keeps the pixels that are worked on at once within memory. */
export interface Admission {
  /**
   * Waits until there is room, first come first served; an image larger than all the room goes alone.
   * @returns gives the room back
   */
  enter(pixels: number, signal?: AbortSignal): Promise<() => void>
}

/** @param budget in bytes. @default 60 % of the memory that there is */
export function createAdmission(budget: number = SHARE * availableMemory()): Admission {
  let held = 0
  let inside = 0
  const waiting: { readonly weight: number; readonly enter: () => void }[] = []
  const fits = (weight: number): boolean => inside === 0 || held + weight <= budget
  const take = (weight: number): void => {
    held += weight
    inside += 1
  }
  const leave = (weight: number): void => {
    held -= weight
    inside -= 1
    for (let next = waiting[0]; next !== undefined && fits(next.weight); next = waiting[0]) {
      waiting.shift()
      take(next.weight)
      next.enter()
    }
  }
  return {
    enter: async (pixels, signal) => {
      signal?.throwIfAborted()
      const weight = pixels * BYTES_PER_PIXEL
      if (waiting.length === 0 && fits(weight)) take(weight)
      else await new Promise<void>((enter) => waiting.push({ weight, enter }))
      let isInside = true
      return () => {
        if (isInside) leave(weight)
        isInside = false
      }
    },
  }
}
