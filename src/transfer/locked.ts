import { deployName } from '../plan/deploy.ts'
import { describeOrder } from '../plan/order.ts'
import { LadingError } from '../words/errors.ts'
import { formatDuration } from '../words/units.ts'
import type { FoundDeploy } from './deploy-records.ts'
import type { Clock } from './lease.ts'

/** `d5  channel main  github:Deploy #41  started 41.0 s ago, last sign of life 6.0 s ago`. */
export function describeDeploy({ deploy, ageMs }: FoundDeploy, wallMs: number): string {
  const startedMs = wallMs - Date.parse(deploy.startedAt)
  const parts = [
    deployName(deploy.seq),
    `channel ${deploy.channel}`,
    deploy.order && describeOrder(deploy.order),
    [
      startedMs >= 0 && `started ${formatDuration(startedMs)} ago`,
      ageMs !== undefined && `last sign of life ${formatDuration(ageMs)} ago`,
    ]
      .filter((text) => text !== false)
      .join(', '),
  ]
  return parts.filter((part) => part !== undefined && part !== '').join('  ')
}

export function locked(label: string, found: FoundDeploy, clock: Clock): LadingError {
  const name = deployName(found.deploy.seq)
  return new LadingError('E_LOCKED', 'Another deploy is running', {
    subject: label,
    details: [describeDeploy(found, clock.wallMs())],
    why: 'It still gives signs of life, so nothing that is live was changed. What was sent stays and is not sent again.',
    hint: `Run again later, or wait longer with --lock-timeout SECONDS; if that run is dead: lading unlock ${name}`,
    retryable: true,
  })
}
