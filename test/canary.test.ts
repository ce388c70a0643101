import { afterAll, describe, expect, it } from 'vitest'
import { startParrot } from './canary-server.ts'
import { leaksIn, TRAPS } from './canary-traps.ts'
import { createWorld, KEYS, type World } from './canary-world.ts'
import { startStrictS3 } from './rig/strict-s3.ts'

const parrot = await startParrot()
const store = await startStrictS3({ bucket: 'canary' })
/** Credentials that open something, so that they are sent, signed with and believed. */
const GOOD = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey }
const traps = { ...TRAPS, 'key of the store': store.accessKeyId, 'secret of the store': store.secretAccessKey }

const worlds: World[] = []
function world(): World {
  const made = createWorld()
  worlds.push(made)
  return made
}

afterAll(async () => {
  for (const made of worlds) made.remove()
  await Promise.all([parrot.close(), store.close()])
})

const bucket = (name: string, more = ''): string => `s3://${name}/x?endpoint=${parrot.endpoint}${more}`

/** Every command that there is, on a site and a store, in the voices that say most. */
async function everyCommand(site: string, to: string): Promise<string[][]> {
  const help = await world().command(['--help'])
  const names = [...help.matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name = '']) => name)
  const subject: Readonly<Record<string, readonly string[]>> = {
    sync: [site, '--url', 'https://cdn.example.com/', '--out', 'out'],
    plan: [site, '--save', 'plan.json'],
    explain: ['index.html', '--root', site],
    config: ['--root', site],
  }
  const target = (name: string): readonly string[] => (name === 'serve' ? ['nowhere', '--store', to] : ['--to', to])
  return names
    .filter((name) => name !== 'help')
    .flatMap((name) => [['-v'], ['--json']].map((voice) => [name, ...(subject[name] ?? []), ...target(name), ...voice]))
}

interface Trial {
  readonly site?: string
  readonly to: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What shows that the run came as far as it was meant to. */
  readonly says: RegExp
}

const PASSWORD = TRAPS['password in an address']
const ENDPOINT = TRAPS['password in an endpoint']
const STS = {
  AWS_WEB_IDENTITY_TOKEN_FILE: 'home/token',
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/x',
  AWS_ENDPOINT_URL_STS: parrot.endpoint,
}

const TRIALS: Readonly<Record<string, Trial>> = {
  'a deploy that works': { to: `s3://canary/x?endpoint=${store.endpoint}`, env: GOOD, says: /Release r1-/ },
  'a deploy into a folder': { to: 'store', says: /Release r1-/ },
  'keys that the store does not know': {
    to: `s3://canary/x?endpoint=${store.endpoint}`,
    says: /E_CREDENTIALS|E_ACCESS/,
  },
  'a store that denies and says back all it was told': { to: bucket('status-403'), says: /E_ACCESS_DENIED/ },
  'a store that refuses and says back all it was told': { to: bucket('status-400'), says: /E_STORE|E_NOT_S3/ },
  'a store that fails and says back all it was told': { to: bucket('status-500'), says: /E_THROTTLED|E_STORE/ },
  'a store that says back the session token': { to: bucket('token-400'), says: /E_STORE|E_NOT_S3/ },
  'a store that fails and says back the session token': {
    to: bucket('token-500'),
    env: { ...KEYS, LADING_RETRIES: '1' },
    says: /E_THROTTLED|E_STORE/,
  },
  'a page instead of an answer': { to: bucket('html-200'), says: /E_NOT_S3|E_LISTING/ },
  'a refusing page instead of an answer': { to: bucket('html-407'), says: /E_\w+/ },
  'a store that is down': { to: 's3://bucket/x?endpoint=http://127.0.0.1:9', says: /E_UNREACHABLE/ },
  'keys of a profile': { to: bucket('status-400', '&profile=shop'), env: {}, says: /E_STORE|E_NOT_S3/ },
  'a sign-in that has ended': { to: bucket('status-400', '&profile=sso'), env: {}, says: /E_\w+/ },
  'a credential process that fails with its secrets': {
    to: bucket('status-400', '&profile=process'),
    env: {},
    says: /E_\w+/,
  },
  'a token of a CI that is refused': { to: bucket('status-400'), env: STS, says: /E_\w+/ },
  'a password in the address': { to: `s3://${KEYS.AWS_ACCESS_KEY_ID}:${PASSWORD}@bkt/x`, says: /exit 2/ },
  'a password in the endpoint': { to: `s3://bkt/x?endpoint=https://u:${ENDPOINT}@host/`, says: /exit 2/ },
  'a secret among the parameters': {
    to: `s3://bkt/x?secretAccessKey=${TRAPS['parameter of an address']}`,
    says: /exit 2/,
  },
  'a signature among the parameters of the endpoint': {
    to: `s3://bkt/x?endpoint=https://host/?X-Amz-Signature=${TRAPS['parameter of an address']}`,
    says: /exit 2/,
  },
  'secrets in a file of the site': { site: 'dirty', to: 'store', says: /E_SECRET_CONTENT/ },
  'an environment file in the site': { site: 'env', to: 'store', says: /E_SECRET_FILE/ },
}

describe(`${Object.keys(traps).length} planted credentials, ${Object.keys(TRIALS).length} ways of a run`, () => {
  it.concurrent.each(Object.entries(TRIALS))(
    'nothing repeats one of them: %s',
    async (_name, { site = 'site', to, env, says }) => {
      const made = world()
      const lines = await everyCommand(site, to)
      const [first = [], ...others] = lines
      const text = [await made.command(first, env), await made.commands(others, env)].join('\n')
      expect(text).toMatch(says)
      expect(text).not.toContain('E_BUG')
      expect(leaksIn(text, traps)).toEqual([])
      expect(leaksIn(made.left(), traps)).toEqual([])
    },
  )

  it('nothing of them lies in the store, in no object and in no header', () => {
    const objects = [...store.objects()].map(
      ([key, object]) => `${key}\n${JSON.stringify(object)}\n${Buffer.from(object.bytes).toString('latin1')}`,
    )
    expect(objects.length).toBeGreaterThan(3)
    expect(leaksIn(objects.join('\n'), traps)).toEqual([])
  })

  it.each(Object.entries(TRAPS))('the search finds the %s, whole, in part and in disguise', (trap, value) => {
    const beside = (text: string): string => Buffer.from(text).toString('base64')
    for (const text of [
      value,
      value.slice(5, -5),
      encodeURIComponent(`a=${value}`),
      JSON.stringify(JSON.stringify([value])),
      ...['', 'x', 'xy'].map((before) => beside(`${before}${value} and more`)),
    ]) {
      expect(leaksIn(`before ${text} behind`).map((leak) => leak.trap)).toContain(trap)
    }
    expect(leaksIn(`${value.slice(0, 4)}…${value.slice(-4)}`)).toEqual([])
  })

  it('they were sent to be said back', () => expect(parrot.requests()).toBeGreaterThan(20))
})
