import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One instance of the group, as Auto Scaling sees it. */
interface Instance {
  readonly id: string
  state: 'Pending' | 'InService'
}

/** An Auto Scaling group over HTTP, as strict as the real one about what we send. */
export interface FakeAutoScaling {
  readonly url: string
  readonly group: string
  readonly instances: readonly Instance[]
  /** Every action asked for, in order, with the parameters beside it. */
  readonly asked: readonly Readonly<Record<string, string>>[]
  /** All that was wished for comes into service; what died is replaced. */
  settle(): void
  /** An instance dies without anybody having asked. */
  kill(id: string): void
  /** Answers the next request with this error. */
  fail(status: number, code: string, message?: string): void
  /** Answers every request for this action so from now on: nobody has the right to it. */
  refuse(action: string): void
  close(): Promise<void>
}

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  DescribeAutoScalingGroups: ['AutoScalingGroupNames.member.1'],
  SetDesiredCapacity: ['AutoScalingGroupName', 'DesiredCapacity', 'HonorCooldown'],
  TerminateInstanceInAutoScalingGroup: ['InstanceId', 'ShouldDecrementDesiredCapacity'],
}

interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** What the service knows of the one group. */
interface Group {
  readonly name: string
  readonly max: number
  readonly tags: Readonly<Record<string, string>>
  desired: number
  instances: Instance[]
  made: number
}

export async function startAutoScaling(options: {
  readonly max: number
  /** In service at the start. @default 0 */
  readonly desired?: number
  readonly group?: string
  readonly tags?: Readonly<Record<string, string>>
  /** How far its clock is ahead of ours, in milliseconds. @default 0 */
  readonly aheadMs?: number
}): Promise<FakeAutoScaling> {
  const { group: name = 'app-workers', max, desired = 0, tags = {}, aheadMs = 0 } = options
  const group: Group = { name, max, tags, desired, instances: [], made: 0 }
  settle(group)
  let planned: Failure | undefined
  const asked: Record<string, string>[] = []
  const refused = new Set<string>()
  const server = createServer(async (request, response) => {
    const params = Object.fromEntries(new URLSearchParams(await bodyOf(request)))
    asked.push(params)
    const now = new Date(Date.now() + aheadMs)
    response.setHeader('date', now.toUTCString())
    const failure = (refused.has(params.Action ?? '') ? FORBIDDEN : planned) ?? flawOf(request, params, now)
    planned = undefined
    reply(response, params.Action ?? '', failure ?? act(group, params))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    group: group.name,
    get instances() {
      return group.instances
    },
    asked,
    settle: () => settle(group),
    kill(id) {
      group.instances = group.instances.filter((instance) => instance.id !== id)
    },
    fail(status, code, message = code) {
      planned = { status, code, message }
    },
    refuse: (action) => void refused.add(action),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function launch(group: Group): void {
  while (group.instances.length < group.desired) {
    group.made += 1
    group.instances.push({ id: `i-${String(group.made).padStart(17, '0')}`, state: 'Pending' })
  }
}

function settle(group: Group): void {
  launch(group)
  for (const instance of group.instances) instance.state = 'InService'
}

function act(group: Group, params: Record<string, string>): string | Failure {
  if (params.Action === 'DescribeAutoScalingGroups') {
    return describeGroups(params['AutoScalingGroupNames.member.1'] === group.name ? [group] : [])
  }
  return params.Action === 'SetDesiredCapacity' ? setDesired(group, params) : terminate(group, params)
}

function setDesired(group: Group, params: Record<string, string>): string | Failure {
  const wished = Number(params.DesiredCapacity)
  if (params.AutoScalingGroupName !== group.name) return invalid('AutoScalingGroup name not found - no such group')
  if (params.HonorCooldown !== 'false') return { status: 400, code: 'ScalingActivityInProgress', message: 'cooldown' }
  if (wished > group.max) return invalid(`New SetDesiredCapacity value ${wished} is above max value ${group.max}`)
  group.desired = wished
  group.instances = group.instances.slice(0, wished)
  launch(group)
  return ''
}

function terminate(group: Group, params: Record<string, string>): string | Failure {
  const gone = group.instances.find(({ id }) => id === params.InstanceId)
  if (!gone) return invalid(`Instance Id not found - No managed instance found for instance ID: ${params.InstanceId}`)
  group.instances = group.instances.filter((instance) => instance !== gone)
  if (params.ShouldDecrementDesiredCapacity === 'true') group.desired -= 1
  return '<Activity><ActivityId>1</ActivityId></Activity>'
}

const FORBIDDEN: Failure = { status: 403, code: 'AccessDenied', message: 'not authorized' }

const invalid = (message: string): Failure => ({ status: 400, code: 'ValidationError', message })

/** How old a signature may be, in milliseconds. */
const SIGNED_MS = 300_000

/** What the real service refuses, and a mock would let pass. */
function flawOf(request: IncomingMessage, params: Record<string, string>, now: Date): Failure | undefined {
  const needed = ACTIONS[params.Action ?? '']
  if (!needed) return { status: 400, code: 'InvalidAction', message: `no action ${params.Action}` }
  if (params.Version !== '2011-01-01') return invalid(`version ${params.Version}`)
  if (!/^AWS4-HMAC-SHA256 .*\/autoscaling\/aws4_request/.test(request.headers.authorization ?? '')) {
    return { status: 403, code: 'MissingAuthenticationToken', message: 'not signed' }
  }
  const signed = String(request.headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
  if (Math.abs(Date.parse(signed) - now.getTime()) > SIGNED_MS) {
    return { status: 403, code: 'SignatureDoesNotMatch', message: `Signature expired: ${signed}` }
  }
  const missing = needed.find((name) => params[name] === undefined)
  return missing === undefined ? undefined : invalid(`${missing} is missing`)
}

function describeGroups(groups: readonly Group[]): string {
  const members = groups.map(
    ({ name, desired, max, tags, instances }) => `<member><AutoScalingGroupName>${name}</AutoScalingGroupName>
      <MinSize>0</MinSize><MaxSize>${max}</MaxSize><DesiredCapacity>${desired}</DesiredCapacity><DefaultCooldown>300</DefaultCooldown>
      <AvailabilityZones/><HealthCheckType>EC2</HealthCheckType><CreatedTime>2026-11-20T00:00:00Z</CreatedTime>
      <Instances>${instances
        .map(
          ({ id, state }) => `<member><InstanceId>${id}</InstanceId><LifecycleState>${state}</LifecycleState>
            <AvailabilityZone>eu-west-1a</AvailabilityZone><HealthStatus>Healthy</HealthStatus>
            <ProtectedFromScaleIn>true</ProtectedFromScaleIn></member>`,
        )
        .join('')}</Instances>
      <Tags>${Object.entries(tags)
        .map(([key, value]) => `<member><Key>${key}</Key><Value>${value}</Value></member>`)
        .join('')}</Tags></member>`,
  )
  return `<AutoScalingGroups>${members.join('')}</AutoScalingGroups>`
}

function reply(response: ServerResponse, action: string, outcome: string | Failure): void {
  response.setHeader('content-type', 'text/xml')
  if (typeof outcome === 'string') {
    response.end(`<${action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
      <${action}Result>${outcome}</${action}Result>
      <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${action}Response>`)
    return
  }
  response.statusCode = outcome.status
  response.end(`<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error><Type>Sender</Type>
    <Code>${outcome.code}</Code><Message>${outcome.message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
