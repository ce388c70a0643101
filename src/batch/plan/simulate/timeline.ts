import type { Step } from './group.ts'
import type { Stretch } from './options.ts'

/** As many fit into a terminal. */
const STRETCHES = 60
/** Above that, every other one is dropped, and they are taken half as often. */
const SAMPLES = 4000

interface Sample {
  readonly seconds: number
  readonly oldestSeconds: number
  readonly waiting: number
}

/** Samples of a run whose length nobody knows beforehand. */
export interface Samples {
  add(sample: Sample): void
  /** Until the next one is due. */
  everySeconds(): number
  all(): readonly Sample[]
}

export function createSamples(): Samples {
  let samples: Sample[] = []
  let seconds = 1
  return {
    everySeconds: () => seconds,
    all: () => samples,
    add(sample) {
      samples.push(sample)
      if (samples.length < SAMPLES) return
      samples = samples.filter((_, at) => at % 2 === 0)
      seconds *= 2
    },
  }
}

/** @param endSeconds of the run */
export function timelineOf(samples: readonly Sample[], steps: readonly Step[], endSeconds: number): Stretch[] {
  const length = Math.max(1, endSeconds / STRETCHES)
  const count = Math.min(STRETCHES, Math.max(1, Math.ceil(endSeconds / length)))
  const stretches = Array.from({ length: count }, (_, at) => ({
    ...{ seconds: at * length, instances: 0, oldestSeconds: 0, waiting: 0 },
  }))
  const at = (seconds: number): number => Math.min(count - 1, Math.floor(seconds / length))
  for (const { seconds, oldestSeconds, waiting } of samples) {
    const stretch = stretches[at(seconds)]
    if (!stretch) continue
    stretch.oldestSeconds = Math.max(stretch.oldestSeconds, oldestSeconds)
    stretch.waiting = Math.max(stretch.waiting, waiting)
  }
  steps.forEach(({ seconds, instances }, step) => {
    const until = steps[step + 1]?.seconds ?? endSeconds
    // Of a moment nothing is to be seen; a step at a border counts for what follows.
    if (until <= seconds) return
    for (const stretch of stretches.slice(at(seconds), at(until) + 1)) {
      if (stretch.seconds < until) stretch.instances = Math.max(stretch.instances, instances)
    }
  })
  return stretches
}
