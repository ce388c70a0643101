import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openBatches, resolveBatch, type WorkerStats, type WorkRequest } from '../../src/index.ts'
import { type FakeAutoScaling, startAutoScaling } from './auto-scaling.ts'
import { type MetadataService, startMetadataService } from './metadata-service.ts'
import { temporaryFolder } from './sites.ts'

export const INSTANCE = 'i-00000000000000001'

/** An instance of a group, for the test that asks for it. */
export interface Instance {
  readonly group: FakeAutoScaling
  readonly metadata: MetadataService
  /** Where the store is, as `./store`. */
  readonly cwd: string
  /** A worker on it, until it ends. */
  work(request: WorkRequest, changes?: Readonly<Record<string, string>>): Promise<WorkerStats>
}

export async function startInstance(): Promise<Instance> {
  const folder = await temporaryFolder()
  const group = await startAutoScaling({ max: 3, desired: 1 })
  const metadata = await startMetadataService()
  metadata.set('instance-id', INSTANCE)
  const cwd = folder.path
  onTestFinished(async () => {
    await Promise.all([group.close(), metadata.close(), folder.remove()])
  })
  return {
    ...{ group, metadata, cwd },
    async work(request, changes = {}) {
      const env = {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_AUTO_SCALING: group.url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
        LADING_BATCH_KEY: join(cwd, 'batch.key'),
        ...changes,
      }
      const options = resolveBatch({ to: './store' }, { group: group.group }, { cwd, env, sources: {} })
      return (await openBatches(options, { env })).work({ idleSeconds: 'never', slots: 1, ...request })
    },
  }
}
