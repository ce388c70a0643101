// Who is compared, at which settings: one row for each. A row's `sync` makes the store hold the tree; `headers` gives
// every object another Cache-Control without sending it, where the program can. The rest of the bench reads only this.
import { join } from 'node:path'

const CLI = new URL('../../dist/src/cli/main.cjs', import.meta.url).pathname
const S3_SYNC = new URL('../sides/s3-sync.mjs', import.meta.url).pathname
const BARE = new URL('../sides/bare-sender.mjs', import.meta.url).pathname

export const BUCKET = 'bench'
export const PREFIX = 'site'
const TO = `s3://${BUCKET}/${PREFIX}`

/**
 * @typedef {object} Call
 * @property {string} tree the folder to load
 * @property {string} endpoint of the server
 * @property {string} home of the peer
 * @property {string} scratch a folder of this setting and round
 */

/** Ours as it comes, and with as many requests at once as the peers are given. */
const ours = (atOnce, isDefault) => ({
  peer: 'lading',
  setting: isDefault ? `${atOnce} at once (default)` : `${atOnce} at once`,
  atOnce,
  sync: ({ tree, endpoint, scratch }, more = []) => [
    ...[process.execPath, CLI, 'sync', tree, '--to', `${TO}/?endpoint=${endpoint}&region=us-east-1`, '--quiet'],
    ...(isDefault ? [] : ['--concurrency', `${atOnce}`]),
    ...['--config', join(scratch, 'lading.config.json'), ...more],
  ],
  env: ({ scratch }) => ({ LADING_CACHE_DIR: join(scratch, 'cache') }),
})

const RCLONE_TUNED = '--fast-list --s3-no-head --s3-no-check-bucket --s3-upload-cutoff 100M'.split(' ')

/** `more` says how it decides what has changed: by its own mtime in the metadata (a HEAD for each), or by the store's. */
const rclone = (atOnce, note, more = []) => ({
  peer: 'rclone',
  setting: `${atOnce} at once, tuned${note}`,
  atOnce,
  sync: ({ tree, endpoint, home }) => [
    ...[join(home, 'rclone'), 'sync', tree, `:s3:${BUCKET}/${PREFIX}`, '--config', '/dev/null', '--log-level', 'ERROR'],
    ...['--s3-provider', 'Other', '--s3-env-auth', '--s3-region', 'us-east-1', '--s3-endpoint', endpoint],
    ...['--transfers', `${atOnce}`, '--checkers', `${atOnce}`, ...RCLONE_TUNED, ...more],
  ],
})

const s5cmd = (atOnce) => {
  const start = ({ endpoint, home }) => [
    ...[join(home, 's5cmd'), '--endpoint-url', endpoint, '--numworkers', `${atOnce}`, '--log', 'error'],
  ]
  return {
    peer: 's5cmd',
    setting: `${atOnce} workers`,
    atOnce,
    sync: (call) => [...start(call), 'sync', `${call.tree}/`, `${TO}/`],
    headers: (call) => [
      ...[...start(call), 'cp', '--metadata-directive', 'REPLACE', '--cache-control', 'max-age=61'],
      ...[`${TO}/*`, `${TO}/`],
    ],
  }
}

const aws = (atOnce) => {
  const start = ({ endpoint, home }) => [
    ...[join(home, 'bin/python'), join(home, 'bin/aws'), '--endpoint-url', endpoint, '--region', 'us-east-1', 's3'],
  ]
  return {
    peer: 'awscli',
    setting: `max_concurrent_requests ${atOnce}`,
    atOnce,
    isSlow: true,
    sync: (call) => [...start(call), 'sync', call.tree, TO, '--only-show-errors'],
    headers: (call) => [
      ...[...start(call), 'cp', TO, TO, '--recursive', '--only-show-errors'],
      ...['--metadata-directive', 'REPLACE', '--cache-control', 'max-age=61'],
    ],
    files: { 'aws-config': `[default]\ns3 =\n  max_concurrent_requests = ${atOnce}\n` },
    env: ({ scratch }) => ({ AWS_CONFIG_FILE: join(scratch, 'aws-config') }),
  }
}

const s3SyncClient = (atOnce) => ({
  peer: 's3-sync-client',
  setting: `${atOnce} transfers`,
  atOnce,
  isSlow: true,
  sync: ({ tree, endpoint, home }) => [process.execPath, S3_SYNC, home, tree, TO, endpoint, `${atOnce}`],
})

const s3cmd = {
  peer: 's3cmd',
  setting: 'one at a time',
  atOnce: 1,
  isSlow: true,
  sync: ({ tree, endpoint, home }) => [
    ...[join(home, 'bin/python'), join(home, 'bin/s3cmd'), 'sync', `${tree}/`, `${TO}/`, '--quiet', '--no-progress'],
    ...[
      `--host=${new URL(endpoint).host}`,
      `--host-bucket=${new URL(endpoint).host}`,
      '--no-ssl',
      '--region=us-east-1',
    ],
    ...['--config=/dev/null', '--no-mime-magic', '--access_key=AKIDBENCH', '--secret_key=benchsecretbenchsecret'],
  ],
}

/** Installs with the others; it names no prefix of its own for a folder, so it is given ours. */
const s3deploy = (atOnce) => ({
  peer: 's3deploy',
  setting: `${atOnce} workers`,
  atOnce,
  sync: ({ tree, endpoint, home }) => [
    ...[join(home, 's3deploy'), '-bucket', BUCKET, '-region', 'us-east-1', '-source', tree, '-path', PREFIX],
    ...['-endpoint-url', endpoint, '-workers', `${atOnce}`, '-quiet'],
  ],
})

/** No peer but a floor: what is left of a first upload in Node when all is left out that may be. */
const bare = (atOnce) => ({
  peer: 'bare sender',
  setting: `${atOnce} at once`,
  atOnce,
  isFloor: true,
  sync: ({ tree, endpoint }) => [process.execPath, BARE, tree, BUCKET, PREFIX, endpoint, `${atOnce}`],
})

export const SETTINGS = [
  ours(64, true),
  ours(256, false),
  s5cmd(64),
  s5cmd(256),
  rclone(64, ''),
  rclone(256, ''),
  rclone(64, ', --update --use-server-modtime', ['--update', '--use-server-modtime']),
  s3deploy(64),
  s3deploy(256),
  s3SyncClient(64),
  s3SyncClient(256),
  aws(64),
  aws(256),
  s3cmd,
  bare(64),
]
