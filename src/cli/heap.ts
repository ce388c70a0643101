import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { Emit } from '../index.ts'

/** From so many files on it is worth while. */
const MANY = 2_000

/**
 * By how much the heap may grow beyond what is alive before it is collected, in per cent, by the number of files. Left
 * alone V8 lets it double and more: of 470 MiB for 100,000 files 150 are saved so, for a tenth more time.
 */
const HEAP_GROWTH = [
  { files: 20_000, percent: 20 },
  { files: MANY, percent: 50 },
]

/** By how much the room of what is new grows at once, by V8's version: later ones would take 20 MiB for little. */
const FACTORS: ReadonlyMap<string, number> = new Map([['11', 4]])
const NO_GROWTH = '--semi-space-growth-factor=1'
const OWN_GROWTH = '--semi-space-growth-factor=2'

/** So often it is looked whether it has grown, where the loop is free: it is not to grow twice. In milliseconds. */
const LOOK_MS = 5

/**
 * Holds the heap down once it is known that the site is large. Of 5,000 files, 190 MiB become 135, for no more time:
 * left alone, what is new would take four times as much again in hashing and upload, and to find 100,000 files alone
 * would give it 32 MiB for good. With the 4 MiB that it has at the start, a tenth of an upload is collecting.
 */
export function sparingMemory(emit: Emit, v8: string = process.versions.v8): Emit {
  const factor = FACTORS.get(v8.slice(0, v8.indexOf('.')))
  return (event) => {
    if (event.type === 'start') {
      if (factor === undefined) setFlagsFromString(NO_GROWTH)
      else growOnce(factor)
    }
    if (event.type === 'phase' && event.phase === 'scan') {
      const growth = HEAP_GROWTH.find(({ files }) => event.files >= files)
      if (growth !== undefined) {
        setFlagsFromString(`--heap-growing-percent=${growth.percent}`)
        if (factor === undefined) holdYoung()
      } else {
        stopLooking()
        setFlagsFromString(OWN_GROWTH)
      }
    }
    if (event.type === 'summary') stopLooking()
    emit(event)
  }
}

let isHeld = false
let look: NodeJS.Timeout | undefined

function growOnce(factor: number): void {
  const first = youngBytes()
  setFlagsFromString(`--semi-space-growth-factor=${factor}`)
  stopLooking()
  look = setInterval(() => {
    if (youngBytes() <= first) return
    stopLooking()
    holdYoung()
  }, LOOK_MS).unref()
}

function stopLooking(): void {
  clearInterval(look)
}

/** Every thread that starts lets V8 forget it, for it is of the process. */
function holdYoung(): void {
  const hold = (): void => setFlagsFromString(NO_GROWTH)
  hold()
  if (!isHeld) process.on('worker', (worker) => void worker.once('online', hold))
  isHeld = true
}

/** The room of what is new. */
function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
