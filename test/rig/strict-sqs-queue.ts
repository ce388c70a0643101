import type { Queue } from '../../src/batch/queue.ts'
import { createSqsQueue } from '../../src/batch/queues/sqs.ts'
import { createPatientClock, type PatientClock } from './patient-clock.ts'
import { type StrictSqs, startStrictSqs } from './strict-sqs.ts'

export interface SqsSetting {
  readonly sqs: StrictSqs
  readonly clock: PatientClock
  /** A queue by its name, as our adapter opens it. */
  open(name: string): Promise<Queue>
  close(): Promise<void>
}

/** A strict SQS with the queue `std` and its dead letters `dead`. */
export async function openStrictSqs(maxReceives: number): Promise<SqsSetting> {
  const clock = createPatientClock()
  const sqs = await startStrictSqs(clock)
  const env = { AWS_ACCESS_KEY_ID: sqs.accessKeyId, AWS_SECRET_ACCESS_KEY: sqs.secretAccessKey }
  await create(sqs, 'dead', {})
  const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead'
  await create(sqs, 'std', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }) })
  return {
    sqs,
    clock,
    open: (name) => createSqsQueue({ url: sqs.urlOf(name), env, clock }),
    close: () => sqs.close(),
  }
}

/** As by hand: our adapter creates no queues with dead letters. */
async function create(sqs: StrictSqs, name: string, attributes: Record<string, string>): Promise<void> {
  const response = await fetch(`${sqs.endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.CreateQueue',
      authorization: `AWS4-HMAC-SHA256 Credential=${sqs.accessKeyId}/20261123/us-east-1/sqs/aws4_request`,
    },
    body: JSON.stringify({ QueueName: name, Attributes: attributes }),
  })
  if (!response.ok) throw new Error(await response.text())
}
