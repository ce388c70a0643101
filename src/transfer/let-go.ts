import type { Deploy } from '../plan/deploy.ts'
import type { ETag } from '../words/model.ts'
import type { DeployRecords } from './deploy-records.ts'

/** How long a stopping run tries to give up its deploy, in milliseconds. */
const LET_GO_MS = 1500

/**
 * Gives up a deploy that is ours, or may be: the answer to the last write of its record may be missing. A conditional
 * write over the last known state settles that: either the lost write has not arrived and no longer can, or it has, and
 * its record is found. Never fails; what cannot be given up in time is left to the lease.
 *
 * @param from the record's ETag as it was last known; `undefined` when there was none
 */
export async function letGo(deploys: DeployRecords, deploy: Deploy, from: ETag | undefined): Promise<void> {
  const signal = AbortSignal.timeout(LET_GO_MS)
  const free = (from: Deploy): Deploy => ({ ...from, holder: '', renewals: from.renewals + 1 })
  try {
    const etag = await (from === undefined
      ? deploys.create(free(deploy), signal)
      : deploys.replace(free(deploy), from, signal))
    if (etag !== undefined) return
    const found = await deploys.read(deploy.seq, signal)
    if (found?.deploy.holder === deploy.holder) await deploys.replace(free(found.deploy), found.etag, signal)
  } catch {
    // the failure that led here is the one to report
  }
}
