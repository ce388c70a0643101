import { type AwsRequest, awsError, commonReadings, described, quoted, type Reading } from '../../store/aws-failure.ts'
import type { LadingError } from '../../words/errors.ts'

/** The Auto Scaling request that failed, for example `autoscaling:SetDesiredCapacity`. */
export interface Asked extends AwsRequest {
  readonly group: string
}

export function autoScalingError(error: unknown, request: Asked): LadingError {
  return awsError(error, request, { subject: request.group, readings: READINGS, otherwise: 'E_FLEET' })
}

const THROTTLED = /Throttl|RequestLimitExceeded|TooManyRequests/
/** The group is changing, and the same call succeeds when it has. */
const BUSY = /^(ScalingActivityInProgress|ResourceContention)/

const answered: Reading<Asked> = (failure, { action, group }) => {
  const { name, message, status = 0, retryAfterMs } = failure
  const why = quoted(failure)
  if (THROTTLED.test(name) || BUSY.test(name) || status === 429) {
    return described('E_THROTTLED', `Auto Scaling is busy at ${action}`, { why, retryable: true, retryAfterMs })
  }
  if (status === 401 || status === 403) {
    return described('E_ACCESS_DENIED', `access denied: ${action}`, {
      why: 'the credentials do not allow it',
      hint: `Allow ${action} on the group "${group}" in the policy of the role or user.`,
    })
  }
  if (status === 0) {
    const hint = /^Region is missing/.test(message) ? 'Set AWS_REGION.' : undefined
    return described('E_FLEET', `${action} failed`, { why, hint })
  }
  return described('E_FLEET', `Auto Scaling refused ${action}`, { why, retryable: status >= 500, retryAfterMs })
}

const READINGS: readonly Reading<Asked>[] = [
  ...commonReadings({
    name: 'Auto Scaling',
    hints: {
      noCredentials: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.',
      line: 'Check the region, the endpoint and the network.',
    },
  }),
  answered,
]
