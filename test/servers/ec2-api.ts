import type { Server } from './server.ts'

const region = 'us-east-1'

/** Asks EC2, by hand: its client is no package of ours. @returns the answer's XML */
export async function askEc2(
  { endpoint }: Pick<Server, 'endpoint'>,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=any/20261123/${region}/ec2/aws4_request`,
    },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}

/** The script that an instance is given at its first start. */
export async function userDataOf(server: Pick<Server, 'endpoint'>, instance: string): Promise<string> {
  const answer = await askEc2(server, 'DescribeInstanceAttribute', { InstanceId: instance, Attribute: 'userData' })
  const [, encoded = ''] = /<userData>\s*<value>([^<]*)<\/value>/.exec(answer) ?? []
  return Buffer.from(encoded, 'base64').toString('utf8')
}

/** Those of the instances that have not ended. */
export async function livingOf(
  server: Pick<Server, 'endpoint'>,
  instances: readonly string[],
): Promise<ReadonlySet<string>> {
  if (instances.length === 0) return new Set()
  const asked = Object.fromEntries(instances.map((id, at) => [`InstanceId.${at + 1}`, id]))
  const answer = await askEc2(server, 'DescribeInstances', asked)
  const states = answer.matchAll(
    /<instanceId>([^<]+)<\/instanceId>[\s\S]*?<instanceState>[\s\S]*?<name>([^<]+)<\/name>/g,
  )
  return new Set([...states].flatMap(([, id = '', state]) => (state === 'running' || state === 'pending' ? [id] : [])))
}
