import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest, Key } from '../words/model.ts'
import type { CopyInput } from './objects.ts'

/**
 * Contents that rollbacks need.
 * @param count told of each
 */
export async function copyContents(
  { source, target, options, dryRun, run }: CopyInput,
  missing: readonly Digest[],
  count: (bytes: number) => void,
): Promise<void> {
  const bounded = { concurrency: options.concurrency, signal: run.signal }
  const bodies: Body[] = []
  // no listing tells how large they are
  await forEachBounded(missing, { ...bounded, weigh: () => 0 }, async (digest) => {
    const body = await source.state.blobs.find(digest)
    if (body !== undefined) bodies.push(body)
  })
  await forEachBounded(bodies, { ...bounded, weigh: ({ size }) => size }, async (body) => {
    if (!dryRun) {
      await target.state.blobs.put(body).catch((error: unknown) => {
        throw damaged(source.state.label, `blobs/${body.sha256}`, error)
      })
    }
    count(body.size)
  })
}

/** Bytes that do not match the manifest's digest count as damage: nothing but a deploy replaces such an object. */
export function damaged(label: string, key: Key, error: unknown): unknown {
  if (!(error instanceof LadingError && error.code === 'E_SOURCE_CHANGED')) return error
  return new LadingError('E_INTEGRITY', 'An object of the source is not what its manifest says', {
    subject: `${label}${key}`,
    why: 'Its bytes have another digest, so it was not copied. It is damaged, or was just replaced by a deploy.',
    hint: 'Run the same command again; if it stays, `lading verify --download` and `lading sync --repair` mend the source.',
    cause: error,
  })
}
