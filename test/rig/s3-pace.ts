import { S3Refusal, type S3State } from './s3-protocol.ts'

/** Holds writers to what a server allows for one key. */
export type Pace = (key: string) => void

/** By the server's clock, so that a test can pass the time by moving it. */
export function createPace({ kin, now }: Pick<S3State, 'kin' | 'now'>): Pace {
  const { pace } = kin
  if (!pace) return () => undefined
  const writes = new Map<string, number[]>()
  return (key) => {
    const at = now()
    const recent = (writes.get(key) ?? []).filter((earlier) => Math.abs(at - earlier) < pace.perMs)
    if (recent.length >= pace.writes) throw new S3Refusal(429, 'TooManyRequests', 'too many writes to one key')
    writes.set(key, [...recent, at])
  }
}
