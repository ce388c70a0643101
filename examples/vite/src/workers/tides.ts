import { level } from './level.ts'

/** The height of the water at one hour. */
export interface Tide {
  readonly hour: number
  readonly metres: number
}

addEventListener('message', ({ data }: MessageEvent<{ hours: number }>) => {
  const tides: Tide[] = Array.from({ length: data.hours }, (_, hour) => ({ hour, metres: level(hour) }))
  postMessage(tides)
})
